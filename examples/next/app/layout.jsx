// @ts-nocheck: the types come with Next, which is installed in this folder only
/** @param {{ children: unknown }} props */
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
