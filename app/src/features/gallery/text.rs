//! Colours, type, rendered text.
use leptos::prelude::*;

use super::Family;
use crate::i18n::{t, use_locale};

const CODE: &str = r##"<pre tabindex="0"><code><span class="hl-keyword hl-control">from</span> sklearn.metrics <span class="hl-keyword hl-control">import</span> f1_score
<span class="hl-support hl-function">f1_score</span>(truth, guess, average=<span class="hl-string">"macro"</span>)  <span class="hl-comment"># 0.492</span>
<span class="hl-keyword">select</span> <span class="hl-support hl-function">count</span>(*) <span class="hl-keyword">from</span> patients <span class="hl-keyword">where</span> ill = <span class="hl-constant hl-numeric">1</span></code></pre>"##;

const FORMULA: &str = r#"<math display="block"><msub><mi>F</mi><mn>1</mn></msub><mo>=</mo><mfrac><mrow><mn>2</mn><mi>p</mi><mi>r</mi></mrow><mrow><mi>p</mi><mo>+</mo><mi>r</mi></mrow></mfrac></math>"#;

/// The inks on the grounds.
#[component]
pub fn Colours() -> impl IntoView {
    let l = use_locale();
    let inks = ["ink", "ink-2", "ink-3", "seal", "jade", "gold", "wrong"];
    let grounds = ["paper", "sheet", "sunk", "seal-wash", "jade-wash", "gold-wash"];
    view! {
        <Family id="colours" title=t::gallery::colours(l)>
            <ul class="swatches">
                {grounds
                    .map(|ground| {
                        view! {
                            <li data-ground=ground>
                                <b>{ground}</b>
                                {inks.map(|ink| view! { <span data-ink=ink>{ink}" 0.9812"</span> }).collect_view()}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Family>
    }
}

/// The type scale.
#[component]
pub fn Type() -> impl IntoView {
    let l = use_locale();
    view! {
        <Family id="type" title=t::gallery::type_heading(l)>
            <div class="stack">
                <p class="display-sample">{t::gallery::type_sample(l)}</p>
                <p class="figure">"0123456789 ¥1,204.50"</p>
                <p class="lead">{t::gallery::type_body(l)}</p>
                <p>{t::gallery::type_body(l)}</p>
                <p class="small dim">{t::gallery::type_body(l)}</p>
            </div>
        </Family>
    }
}

/// Rendered Markdown, and a certificate.
#[component]
pub fn Text() -> impl IntoView {
    let l = use_locale();
    let html = format!("{}{FORMULA}{CODE}{}", t::gallery::sample(l), t::gallery::sample_end(l));
    view! {
        <Family id="text" title=t::gallery::text(l)>
            <div class="prose" inner_html=html></div>
            <article class="certificate">
                <ui::Seal/>
                <p class="eyebrow">{t::gallery::certificate(l)}</p>
                <p class="holder">"林巧玉 Lin Qiaoyu"</p>
                <h3>{t::gallery::certificate_title(l)}</h3>
                <p class="achievement">{t::gallery::certificate_detail(l)}</p>
                <div class="foot">
                    <div>
                        <p class="dim">{t::gallery::certificate_date(l)}</p>
                        <p class="code">"7F3K-92QX-AB12"</p>
                    </div>
                    <ui::Seal outline=true large=true/>
                </div>
            </article>
        </Family>
    }
}
