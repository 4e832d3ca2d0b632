/** The page's only style sheet. Colours are variables, which the charts read as well. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #14161a);
  --card: light-dark(#ffffff, #1c1f25);
  --ink: light-dark(#1b1d22, #e9e7e1);
  --quiet: light-dark(#62666f, #9ba0aa);
  --line: light-dark(#e3e0d8, #30343c);
  --fails: light-dark(#b3261e, #ff8a7a);
  --fails-soft: light-dark(#f9e3df, #43231f);
  --holds: light-dark(#35608f, #86b4e6);
  --holds-soft: light-dark(#dfe8f2, #22324a);
  --passes: light-dark(#2e6b3f, #7fcb95);
  --passes-soft: light-dark(#e0efe3, #1f3727);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace;
  --sans: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--sans); -webkit-text-size-adjust: 100%; }
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
.eyebrow { margin: 0; color: var(--quiet); font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: .35rem 0 1.2rem; font-size: clamp(1.25rem, 1rem + 1.6vw, 1.9rem); line-height: 1.25; overflow-wrap: anywhere; }
h1 small { color: var(--quiet); font-size: inherit; font-weight: 400; }
h2 { margin: 2.8rem 0 .9rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1rem; }
p { margin: .6rem 0; }
code, pre { font-family: var(--mono); font-size: .86em; }
.quiet { color: var(--quiet); }
.verdict { padding: 1.1rem 1.3rem; border-radius: .7rem; background: var(--holds-soft); border-left: .3rem solid var(--holds); font-size: 1.12rem; overflow-wrap: anywhere; }
.verdict p { margin: 0; }
.verdict p + p { margin-top: .5rem; font-size: .95rem; }
.verdict.bad { background: var(--fails-soft); border-color: var(--fails); }
.verdict.good { background: var(--passes-soft); border-color: var(--passes); }
.repro { display: flex; align-items: stretch; margin-top: 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); overflow: hidden; }
.repro code { flex: 1; min-width: 0; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.repro button { border: 0; border-left: 1px solid var(--line); background: none; color: var(--holds); font: 600 .9rem var(--sans); padding: 0 1.1rem; cursor: pointer; min-width: 5.6rem; }
.repro button:hover, .repro button:focus-visible { background: var(--holds-soft); }
:focus-visible { outline: 2px solid var(--holds); outline-offset: -2px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin-top: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1rem 1.2rem; min-width: 0; }
.card pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.card .source { display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; margin: .5rem 0 0; font-family: var(--mono); font-size: .86em; }
.source dt { color: var(--quiet); text-align: right; }
.source dd { margin: 0; overflow-wrap: anywhere; }
.source dd span { display: block; color: var(--quiet); font-family: var(--sans); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
figcaption span { color: var(--quiet); font-size: .85rem; text-align: right; flex: none; max-width: 60%; }
.matters { border-color: var(--fails); }
.matters figcaption span { color: var(--fails); font-weight: 600; }
.canvas { position: relative; margin-top: .5rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; white-space: nowrap; }
td.number { text-align: right; white-space: nowrap; }
th.number { text-align: right; }
tr.matters td, tr.matters th { background: var(--fails-soft); }
tbody th { font-weight: 400; min-width: 11rem; }
tbody th code { display: block; color: var(--quiet); overflow-wrap: anywhere; }
td.why { min-width: 11rem; overflow-wrap: anywhere; color: var(--quiet); }
tr.matters td.number { font-weight: 600; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.4rem; margin: 0; font-size: .92rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 3rem; }
  .repro { flex-direction: column; }
  .repro button { border-left: 0; border-top: 1px solid var(--line); padding: .6rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .6rem; }
  thead { display: none; }
  tr { display: block; padding: .6rem .9rem; border-top: 1px solid var(--line); }
  tr.matters { background: var(--fails-soft); }
  tr:first-child, tr th, tr td { border-top: 0; }
  tbody th { display: block; padding: 0 0 .2rem; font-weight: 600; }
  tbody td, td.number { display: flex; gap: 1rem; padding: .05rem 0; text-align: left; white-space: normal; }
  tbody td:empty { display: none; }
  tbody td::before { content: attr(data-label); flex: 0 0 6.5rem; color: var(--quiet); font-weight: 400; }
}
@media print { .repro button { display: none; } .card, .scroll { break-inside: avoid; } }
`
