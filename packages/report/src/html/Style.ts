/**
 * How a page looks, and what a browser may do with it.
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"

/** Colours have a contrast of 4.5 to 1 with what is behind them, in light and dark; marks of charts 3 to 1. */
const sheet = `
:root{color-scheme:light dark;--page:#f4f6f9;--card:#fff;--ink:#16202c;--soft:#526072;--line:#d5dce5;--faint:#e8edf3;--link:#1557b0;--blue:#2f6fde;
--good:#14713a;--goodbg:#dcf3e4;--part:#855000;--partbg:#ffeccb;--bad:#ad2020;--badbg:#fde2e1;--none:#526072;--nonebg:#e9edf2;
--c1:#2f6fde;--c2:#c23b3b;--c3:#bd6a00;--c4:#7b5cd6;--c5:#a8469c;--c6:#5f7185;--c7:#3f8f86;--hatch:#8593a5}
@media screen and (prefers-color-scheme:dark){:root{--page:#0e141b;--card:#172029;--ink:#e6ecf3;--soft:#a3b1c2;--line:#32404f;--faint:#23303d;--link:#85b8ff;--blue:#5b96f5;
--good:#6fdc97;--goodbg:#12351f;--part:#ffc25e;--partbg:#3d2c08;--bad:#ff9c97;--badbg:#461a1a;--none:#a3b1c2;--nonebg:#26323e;
--c1:#5b96f5;--c2:#e86a66;--c3:#dd9130;--c4:#a78bf5;--c5:#d878cc;--c6:#8b9cb0;--c7:#55b5aa;--hatch:#74859a}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink)}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:9}
.wrap{max-width:82rem;margin:0 auto;padding:0 1.25rem}
header.top{background:var(--card);border-bottom:1px solid var(--line);padding:1.25rem 0 1rem}
.brand{font-weight:700;letter-spacing:.02em;color:var(--soft);font-size:.875rem;display:flex;align-items:center;gap:.5rem;margin:0}
h1{font-size:1.625rem;line-height:1.2;margin:.25rem 0 .5rem}
h2{font-size:1.1875rem;line-height:1.3;margin:0 0 .25rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.25rem 0 .5rem}
.soft{color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0;font-size:.9375rem}
.facts div{display:flex;gap:.4rem;min-width:0;max-width:100%}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere;min-width:0}
.list{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.25rem 1rem;margin:.75rem 0 0;font-size:.9375rem}
.list dt{color:var(--soft)}.list dd{margin:0;overflow-wrap:anywhere}
main{padding:1.25rem 0 3rem}
main>*+*{margin-top:1.25rem}
.card,section.all,section.part{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem;min-width:0}
section.all{border-left:.5rem solid var(--good)}section.part{border-left:.5rem solid var(--part)}
section.all p,section.part p{margin:.125rem 0;overflow-wrap:anywhere}
.grid{display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr)}
@media (min-width:64rem){.grid{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
.defs{position:absolute}
.tiles{display:grid;gap:1.25rem;grid-template-columns:repeat(auto-fit,minmax(min(11rem,100%),1fr))}
@media (min-width:64rem){.tiles{grid-template-columns:minmax(0,1.8fr);grid-auto-flow:column;grid-auto-columns:minmax(0,1fr)}}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.25rem;min-width:0}
.tile h2{font-size:.9375rem;color:var(--soft);font-weight:600}
.tile .big{font-size:1.75rem;line-height:1.2;font-weight:700;font-variant-numeric:tabular-nums;margin:.125rem 0;overflow-wrap:anywhere}
.tile .big.words{font-size:1.375rem}
.tile p{font-size:.9375rem}
.tile.lead .big{font-size:2.75rem;line-height:1.1}
@media (max-width:63.99rem){.tile.lead{grid-column:1/-1}}
.scroll{overflow-x:auto;max-width:100%;margin-top:.5rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;font-weight:600;padding:.25rem 0 .375rem}
caption.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;padding:.375rem 1rem .375rem 0;border-bottom:1px solid var(--faint);vertical-align:top}
thead th{color:var(--soft);font-weight:600;font-size:.8125rem;white-space:nowrap;border-bottom:1px solid var(--line);vertical-align:bottom}
tbody th{font-weight:500;min-width:9.5rem;overflow-wrap:anywhere}td small,tbody th small{display:block;color:var(--soft);font-weight:400}
tr:last-child>*{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.c{white-space:nowrap}.long{overflow-wrap:anywhere;min-width:11rem}
.arn{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem;overflow-wrap:anywhere;min-width:14rem;width:34%}
td.bar{width:25%;min-width:4rem;padding-top:.75rem}
.bar svg{width:100%;height:.75rem;display:block;border-radius:3px}
.grid>:only-child{grid-column:1/-1}.card>p:last-child{margin-bottom:0}
.gauge{width:100%;height:2rem;display:block;margin:.5rem 0 .25rem;overflow:visible}
.chart{width:100%;height:auto;max-height:18rem;display:block;margin:.5rem 0;overflow:visible}
.track{fill:var(--faint)}.edge{fill:none;stroke:var(--hatch)}.fill{fill:var(--blue)}.hatch{fill:url(#hatch)}.stripe{stroke:var(--hatch)}
.tick{stroke:var(--line)}.mark{stroke:var(--ink)}.curve{stroke:var(--blue);fill:none;stroke-width:2.5}.area{fill:var(--blue);opacity:.1}
.dot{fill:var(--blue);stroke:var(--card);stroke-width:2}.dot.open{fill:var(--card);stroke:var(--blue);stroke-width:2.5}
svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
svg text.strong{fill:var(--ink);font-weight:600}
.k1{fill:var(--c1)}.k2{fill:var(--c2)}.k3{fill:var(--c3)}.k4{fill:var(--c4)}.k5{fill:var(--c5)}.k6{fill:var(--c6)}.k7{fill:var(--c7)}.k8{fill:url(#hatch)}
.key{width:.875rem;height:.875rem;display:inline-block;vertical-align:-.0625rem;margin-right:.5rem;border-radius:3px}
.matrix{width:auto;border-collapse:separate;border-spacing:3px}
.matrix th,.matrix td{border:0;padding:0}
.matrix thead th{vertical-align:bottom;text-align:center;font-weight:500}
.matrix thead th:first-child{text-align:left;font-weight:600}
.matrix thead th span{writing-mode:vertical-rl;transform:rotate(180deg);display:inline-block;white-space:nowrap;line-height:1.25}
.matrix tbody th{padding-right:.75rem;min-width:0;white-space:nowrap;font-variant-numeric:tabular-nums;vertical-align:middle}
.matrix tbody th{position:sticky;left:0;background:var(--card)}.matrix tbody th small{display:block;color:var(--soft);font-weight:400;max-width:11rem;overflow:hidden;text-overflow:ellipsis}
.matrix td{min-width:3.125rem;height:2.5rem;text-align:center;vertical-align:middle;border-radius:6px;font-size:.8125rem;line-height:1.15;font-variant-numeric:tabular-nums;padding:.125rem .3rem}
.matrix td b{display:block;font-weight:700}
.seen{background:var(--goodbg);color:var(--good)}
.some{background:var(--partbg);color:var(--part);border:2px dashed currentColor!important}
.unseen{color:var(--bad);background:var(--badbg);border:2px solid currentColor!important}
.nocell{background:transparent;color:var(--none)}
.away{background:var(--nonebg);color:var(--none)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.875rem;margin:.75rem 0 0;padding:0;list-style:none}
.legend span{display:inline-block;min-width:2.25rem;text-align:center;border-radius:5px;padding:0 .25rem;margin-right:.375rem;font-weight:700;font-size:.8125rem}
.pill{display:inline-block;border-radius:99px;padding:0 .5rem;font-size:.8125rem;font-weight:600;white-space:nowrap}
.pill.error{background:var(--badbg);color:var(--bad)}.pill.warning{background:var(--partbg);color:var(--part)}
ol.advice{margin:.5rem 0 0;padding-left:1.5rem}ol.advice li{margin:.375rem 0;padding-left:.25rem;overflow-wrap:anywhere}
.gain{color:var(--good);font-weight:600;white-space:nowrap}
.chart text{font-size:11px}
@media (max-width:40rem){.wrap{padding:0 .75rem}.card,section.all,section.part{padding:1rem}.tile{padding:.875rem 1rem}.tiles,.grid{gap:.75rem}main>*+*{margin-top:.75rem}th,td{padding-right:.625rem}.chart text{font-size:14px}td.bar{min-width:3.5rem}.long{min-width:14rem}.arn{min-width:20rem}tbody th{min-width:8rem}.tile .big{font-size:1.5rem}}
details{margin-top:.75rem}
summary{cursor:pointer;color:var(--link);font-weight:500;font-size:.9375rem;padding:.125rem 0}
form.filters{display:grid;gap:.75rem;margin:.25rem 0 .5rem}@media (min-width:64rem){form.filters{grid-template-columns:3fr 4fr auto;align-items:start}form.filters button{margin-top:1.625rem}}
fieldset{border:0;margin:0;padding:0;min-width:0;display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(min(9rem,100%),1fr));align-items:start}
legend{font-size:.8125rem;font-weight:600;color:var(--soft);padding:0 0 .375rem}
details.choice[open]{grid-column:1/-1}@media (min-width:64rem){details.choice[open]{grid-column:span 2}}
details.choice{margin:0;border:1px solid var(--soft);border-radius:8px;min-width:0}
.choice summary{padding:.4375rem .625rem;color:var(--ink);font-size:.9375rem}
.choice .name{font-weight:600}.choice .state{color:var(--soft)}
.boxes{max-height:15rem;overflow-y:auto;border-top:1px solid var(--line);padding:.375rem .75rem}
.boxes label{display:flex;gap:.5rem;align-items:flex-start;padding:.1875rem 0;font-size:.9375rem;min-height:1.5rem;overflow-wrap:anywhere}
.boxes label span{min-width:0}.boxes small{color:var(--soft);white-space:nowrap}
input[type=checkbox]{width:1.125rem;height:1.125rem;margin:.1875rem 0 0;flex:none;accent-color:var(--link)}
.other{display:block;padding:.375rem .75rem .625rem;border-top:1px solid var(--line);font-size:.8125rem;color:var(--soft)}
input[type=text]{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:6px;width:100%;min-height:2rem;padding:.125rem .5rem;margin-top:.125rem}
.chips{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:.375rem 0 0;padding:0}
.chips li{min-width:0}.chips a{display:inline-block;border:1px solid var(--line);background:var(--nonebg);color:var(--ink);border-radius:99px;padding:.125rem .75rem;font-size:.875rem;text-decoration:none;overflow-wrap:anywhere;max-width:100%}
.chips a:hover{border-color:var(--link)}.chips a.all{background:none;border-color:transparent;color:var(--link);text-decoration:underline}
.gone{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.pages{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;justify-content:space-between;margin-top:.5rem;font-size:.9375rem}
.pages p{margin:0;color:var(--soft);font-variant-numeric:tabular-nums}.pages .to{display:flex;flex-wrap:wrap;gap:.25rem;align-items:center}
.pages .to>a,.pages .to>b{display:inline-block;min-width:2rem;text-align:center;padding:.125rem .5rem;border:1px solid var(--line);border-radius:6px;text-decoration:none}
.pages .to>b{background:var(--link);border-color:var(--link);color:var(--card)}
thead th a{color:inherit}
progress{width:100%;height:.75rem;accent-color:var(--blue)}
button{font:inherit;color:inherit;min-height:2.5rem;border-radius:8px;border:1px solid var(--soft);background:var(--card);padding:.25rem 1.25rem;max-width:100%;cursor:pointer;font-weight:600;justify-self:start}
button.main{background:var(--link);border-color:var(--link);color:var(--card)}
.row{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:center;justify-content:space-between}
.row>*{min-width:0}
.notice{border-left:.375rem solid var(--blue)}
footer{color:var(--soft);font-size:.875rem;padding:0 0 2rem}
@media print{body{background:#fff}.tile,.chart,tr,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}form,form.filters,.skip,.pages .to,.chips .all{display:none}table:not(.matrix){font-size:.75rem}table:not(.matrix) :is(th,td){min-width:0;white-space:normal;overflow-wrap:anywhere}td.bar{min-width:2.5rem!important}.scroll{overflow:visible}
.grid{grid-template-columns:minmax(0,1fr)}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}thead{display:table-header-group}.matrix td{min-width:0}}
`

/**
 * The style sheet of every page. It loads nothing.
 *
 * @category constants
 * @since 0.1.0
 */
export const style: string = sheet.replaceAll("\n", "")

/**
 * What a browser may do with a page: show it in its own style. No script runs, nothing is loaded, and nothing that
 * AWS says could change that, even if it were taken for a part of the page.
 *
 * - `forms`: whether the page's forms may be sent, to where it came from; and its icon, which is in the page, be shown
 *
 * @category getters
 * @since 0.1.0
 */
export const contentSecurityPolicy = ({ forms = false }: { readonly forms?: boolean } = {}): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...forms ? ["img-src data:", "form-action 'self'"] : ["form-action 'none'"],
    "base-uri 'none'"
  ].join("; ")

const styleHash = createHash("sha256").update(style).digest("base64")
