/** For a phone, a screen and paper; colours that tell states apart in grey as well. */
export const STYLE = `
:root{color-scheme:light dark;--ok:#2e7d32;--bad:#c62828;--run:#1565c0;--stop:#8d6e63;--line:#8884}
body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:1.6rem}
.badge{font-size:.8rem;padding:.15rem .5rem;border-radius:1rem;color:#fff;background:var(--bad);white-space:nowrap}
.badge.SUCCEEDED{background:var(--ok)}.badge.RUNNING{background:var(--run)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}
figure{margin:0;overflow-x:auto}svg{min-width:34rem;width:100%;height:auto;font-size:14px}
svg text{fill:currentColor}.axis{font-size:11px;opacity:.7}.lane{stroke:var(--line)}
rect.succeeded{fill:var(--ok)}rect.failed{fill:var(--bad)}rect.running{fill:var(--run)}rect.stopped{fill:var(--stop)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{white-space:nowrap}
@media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}table{font-size:13px}.pairs td+td+td{overflow-wrap:anywhere;min-width:6em}}
@media print{body{max-width:none;padding:0;font-size:10pt}svg{min-width:0}table{font-size:8pt}td:last-child{overflow-wrap:anywhere}h2{break-after:avoid}tr,figure{break-inside:avoid}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`.trim();
