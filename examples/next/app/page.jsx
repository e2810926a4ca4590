// @ts-nocheck: the types come with Next, which is installed in this folder only
export default function Page() {
  return (
    <main>
      <h1>An application</h1>
      <p>
        <a href="/vision/docs">Segmentation</a>
      </p>
    </main>
  );
}
