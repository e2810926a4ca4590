/** The look of our own pages: light and dark, readable on a telephone and on paper. */
export const referenceStyle = `:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1d2430; --quiet: #5b6675; --line: #d9dee6; --panel: #f5f7fa; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --text: #e4e8ee; --quiet: #9aa5b4; --line: #303947; --panel: #1c222c; --link: #79b8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
nav { position: fixed; inset: 0 auto 0 0; width: 19rem; overflow-y: auto; padding: 1rem; border-right: 1px solid var(--line); background: var(--panel); font-size: .875rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { padding: .15rem 0; }
nav li a { color: var(--text); }
nav .title { margin: 0; font-size: 1.1rem; font-weight: 700; }
nav h2 { margin: 1.2rem 0 .3rem; font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; color: var(--quiet); }
main { max-width: 62rem; margin-left: 19rem; padding: 1.5rem 2rem 6rem; }
main.index { margin: 0 auto; }
h1 small, h4 small { font-weight: 400; color: var(--quiet); }
h2.tag { margin-top: 3rem; border-bottom: 2px solid var(--line); }
section.operation, section.schema { padding: .5rem 0 1.5rem; border-bottom: 1px solid var(--line); scroll-margin-top: 1rem; }
h4 { margin: 1.2rem 0 .4rem; }
.path { margin: 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .875em; }
pre { overflow-x: auto; margin: .5rem 0; padding: .75rem 1rem; border-radius: .4rem; background: var(--panel); border: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
.endpoints td:first-child { width: 5rem; }
.endpoints td:nth-child(2) { width: 24rem; }
td { padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); vertical-align: top; }
tr:first-child > td { border-top: 0; }
.method { display: inline-block; min-width: 3.6em; padding: 0 .4em; border-radius: .25rem; color: #fff; background: #555; font: 600 .72rem/1.6 ui-monospace, monospace; text-align: center; }
.method.get { background: #1667b0; } .method.post { background: #1d7a45; } .method.delete { background: #b02a37; }
.required { color: #c2410c; font-size: .75rem; }
.status { font: 600 .85rem ui-monospace, monospace; } .s2 { color: #1d7a45; } .s4, .s5 { color: #b45309; }
details { margin: .3rem 0; }
summary { cursor: pointer; }
@media (max-width: 60rem) {
  nav { position: static; width: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  main { margin-left: 0; padding: 1rem; }
  table { display: block; overflow-x: auto; }
}
@media print { nav { display: none; } main { margin-left: 0; } }
`;
