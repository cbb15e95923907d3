/** The one style sheet of the forge's pages; light and dark. */
export const style = `
:root { color-scheme: light dark; --page: #fff; --soft: #f6f8fa; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0;
  --link: #0969da; --green: #1a7f37; --purple: #8250df; --red: #cf222e; --amber: #9a6700;
  --added: #dafbe1; --removed: #ffebe9; --hunk: #ddf4ff; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --soft: #151b23; --text: #f0f6fc; --quiet: #9198a1;
  --line: #3d444d; --link: #4493f8; --green: #3fb950; --purple: #ab7df8; --red: #f85149; --amber: #d29922;
  --added: #12261e; --removed: #301b1e; --hunk: #121d2f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.5 -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
header { background: var(--soft); border-bottom: 1px solid var(--line); padding: 14px 0; }
header nav { font-size: 16px; } header nav a:last-child { font-weight: 600; }
header .sandbox { float: right; color: var(--quiet); font-size: 12px; line-height: 24px; }
.wide { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
main.wide { padding-top: 24px; padding-bottom: 64px; }
h1 { font-size: 26px; font-weight: 500; margin: 0 0 8px; } h1 small { color: var(--quiet); font-weight: 300; font-size: inherit; }
h2 { font-size: 18px; margin: 32px 0 12px; }
.quiet { color: var(--quiet); }
.badge { display: inline-block; border-radius: 2em; padding: 3px 12px; color: #fff; font-weight: 500; background: var(--quiet); }
.badge.open { background: #1f883d; } .badge.merged { background: #8250df; } .badge.closed { background: #cf222e; }
.branch, code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace;
  background: color-mix(in srgb, var(--quiet) 15%, transparent); border-radius: 6px; padding: 2px 6px; }
.branch { color: var(--link); }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 296px; gap: 24px; margin-top: 20px; }
@media (max-width: 860px) { .columns { grid-template-columns: minmax(0, 1fr); } }
.box { border: 1px solid var(--line); border-radius: 6px; margin-bottom: 16px; overflow: hidden; background: var(--page); }
span.box { border: 0; }
.box > .head { background: var(--soft); border-bottom: 1px solid var(--line); padding: 8px 16px; color: var(--quiet); }
.box > .head strong { color: var(--text); }
.box > .row { padding: 8px 16px; border-top: 1px solid var(--line); } .box > .row:first-child { border-top: 0; }
.box > .head + .row { border-top: 0; }
.row.flex { display: flex; gap: 12px; align-items: baseline; } .row .grow { flex: 1; min-width: 0; }
.event { margin: 0 0 16px 16px; padding-left: 16px; border-left: 2px solid var(--line); color: var(--quiet); }
.event strong { color: var(--text); }
.ok { color: var(--green); } .bad { color: var(--red); } .wait { color: var(--amber); } .done { color: var(--purple); }
.markdown { padding: 12px 16px; overflow-wrap: break-word; }
.markdown > :first-child { margin-top: 0; } .markdown > :last-child { margin-bottom: 0; }
.markdown h1, .markdown h2 { border-bottom: 1px solid var(--line); padding-bottom: 4px; font-weight: 600; }
.markdown h1 { font-size: 22px; } .markdown h2 { font-size: 18px; margin: 20px 0 10px; }
.markdown h3 { font-size: 16px; margin: 18px 0 8px; } .markdown h4, .markdown h5, .markdown h6 { margin: 14px 0 6px; }
.markdown ul, .markdown ol { padding-left: 24px; margin: 0 0 12px; } .markdown p { margin: 0 0 12px; }
.markdown blockquote { margin: 0 0 12px; padding: 0 14px; color: var(--quiet); border-left: 4px solid var(--line); }
.markdown table { border-collapse: collapse; margin: 0 0 12px; display: block; max-width: 100%; overflow-x: auto; }
.markdown th, .markdown td { border: 1px solid var(--line); padding: 5px 12px; text-align: left; vertical-align: top; }
.markdown th { background: var(--soft); } .markdown .right { text-align: right; } .markdown .center { text-align: center; }
.markdown details { margin: 0 0 12px; } .markdown summary { cursor: pointer; margin-bottom: 6px; }
.markdown hr { border: 0; border-top: 1px solid var(--line); margin: 20px 0; }
.mention { font-weight: 600; }
.alert { border-left: 4px solid var(--link); padding: 6px 14px; margin: 0 0 12px; } .alert-title { font-weight: 600; color: var(--link); }
.alert.warning { border-color: var(--amber); } .alert.warning .alert-title { color: var(--amber); }
.alert.caution { border-color: var(--red); } .alert.caution .alert-title { color: var(--red); }
.alert.tip { border-color: var(--green); } .alert.tip .alert-title { color: var(--green); }
.alert.important { border-color: var(--purple); } .alert.important .alert-title { color: var(--purple); }
pre { margin: 0 0 12px; padding: 12px 0; overflow-x: auto; background: var(--soft); border-radius: 6px; }
.box > pre { margin: 0; border-radius: 0; background: var(--page); padding: 8px 0; }
pre code { display: block; width: max-content; min-width: 100%; padding: 0 16px; background: none; border-radius: 0; white-space: pre; }
.line { display: inline-block; min-width: calc(100% + 32px); margin: 0 -16px; padding: 0 16px; }
.line.added { background: var(--added); } .line.removed { background: var(--removed); } .line.hunk { background: var(--hunk); color: var(--quiet); }
`
