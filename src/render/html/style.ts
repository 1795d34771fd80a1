import { createHash } from 'node:crypto';

/** The page's whole style. Colours of both schemes keep a contrast of 4.5:1 or more; nothing is told by colour alone. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#56606b;--line:#c9d0d8;--panel:#f4f6f8;--bad:#a3121f;--good:#1d6b34;--warn:#8a4b00;--link:#0b57a4;--c0:#a3121f;--c1:#b45309;--c2:#6b3fa0;--c3:#0b6a75;--c4:#5b6673;--c5:#1d6b34;--c6:#8a2d6b;--c7:#3f5bb5}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e8ecf0;--soft:#a9b4c0;--line:#3b444e;--panel:#1d232a;--bad:#ff8c8c;--good:#7fd99a;--warn:#ffc069;--link:#8cc4ff;--c0:#ff8c8c;--c1:#ffb454;--c2:#c9a6ff;--c3:#6fd6e0;--c4:#a9b4c0;--c5:#7fd99a;--c6:#f29ccf;--c7:#9db4ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0}h2{font-size:1.3rem;margin:2.2rem 0 .4rem;border-top:2px solid var(--line);padding-top:1rem}h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
a{color:var(--link)}a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.3rem .6rem}
.soft{color:var(--soft)}.statement{font-size:1.2rem;font-weight:600;margin:.3rem 0}.bad{color:var(--bad)}.good{color:var(--good)}.warn{color:var(--warn)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}dt{color:var(--soft)}dd{margin:0}
ul{padding-left:1.2rem;margin:.3rem 0}li{margin:.25rem 0}
table{border-collapse:collapse;font-size:.9rem;width:100%}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600;white-space:nowrap}
th.n,td.n{text-align:right;width:6rem;white-space:nowrap;font-variant-numeric:tabular-nums}
code,pre,.mono{font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:.3rem;padding:.5rem .7rem;margin:.3rem 0;white-space:pre-wrap}
code{background:var(--panel);padding:.1rem .25rem;border-radius:.2rem}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.3rem;padding:.4rem}
tr.ended td{color:var(--bad);font-weight:600}tr.after td{color:var(--soft)}td.keep{white-space:nowrap}
.bars{min-width:44rem}.transcript{min-width:52rem}.wide{min-width:46rem}.transcript td{font:.82rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
svg{display:block}svg.bar{width:14rem;height:1rem}.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}.legend svg{display:inline-block;width:.9rem;height:.9rem;vertical-align:-.1rem;margin-right:.3rem}
.k0{fill:var(--c0)}.k1{fill:var(--c1)}.k2{fill:var(--c2)}.k3{fill:var(--c3)}.k4{fill:var(--c4)}.k5{fill:var(--c5)}.k6{fill:var(--c6)}.k7{fill:var(--c7)}
svg.sequence text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--fg)}
svg.sequence text.head{font-weight:600;fill:var(--soft)}svg.sequence text.time,svg.sequence text.number,svg.sequence text.pause{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums;paint-order:stroke;stroke:var(--bg);stroke-width:3px}
svg.sequence text.log{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.life{stroke:var(--soft);stroke-width:2}.path{stroke:var(--line);stroke-width:1;stroke-dasharray:2 5}.arrow{stroke:var(--fg);stroke-width:1.5}.dashed{stroke-dasharray:6 4}.tip{fill:var(--fg)}.cross{stroke:var(--bad);stroke-width:3;fill:none}.made{fill:var(--bad)}.epilogue{fill:var(--panel)}
.close .arrow{stroke:var(--warn);stroke-width:2}.close .tip{fill:var(--warn)}.ended .arrow{stroke:var(--bad);stroke-width:3}.ended .tip{fill:var(--bad)}svg.sequence .ended text.words,svg.sequence .ended text.mark{fill:var(--bad);font-weight:700}svg.sequence .after text.words{fill:var(--soft)}.after .arrow{stroke:var(--soft)}.after .tip{fill:var(--soft)}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.6rem;color:var(--soft);font-size:.9rem}
@media (max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.4rem}body{padding:.6rem}svg.bar{width:8.5rem}.bars th[scope=row]{white-space:normal;min-width:7rem}.bars td:last-child{min-width:24rem}}
@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--panel:#f4f4f4;--bad:#8c0d18;--good:#14522a;--warn:#6d3b00;--link:#000;--c0:#8c0d18;--c1:#b45309;--c2:#6b3fa0;--c3:#0b6a75;--c4:#777;--c5:#1d6b34;--c6:#8a2d6b;--c7:#3f5bb5}body{max-width:none;padding:0;font-size:10pt}.skip{display:none}.scroll{overflow:visible;border:0;padding:0}svg.sequence{width:100%;height:auto}.transcript,.wide,.bars{min-width:0}h2{break-after:avoid}tr,li,dl{break-inside:avoid}}
`;

/** Nothing may be loaded, run, framed or sent; the one style is named by its hash. */
export const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
