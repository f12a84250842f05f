//! Letters as a browser shows them: at phone and desktop width, on light and dark screens.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

use std::fmt::Write as _;
use std::process::Command;

use ringi::domain::words::Language;
use ringi::letters::Templates;
use serde_json::Value;

/// Telephones, narrow and usual ones, and a desktop's reading pane, in CSS pixels.
const WIDTHS: [u32; 3] = [320, 390, 820];

/// Stands beside the letters and looks into them. A letter itself runs nothing.
const LOOK: &str = r##"
<script>
const lightness = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const numbers = color => color.match(/[\d.]+/g).map(Number);
const contrast = (a, b) => { const [x, y] = [lightness(a), lightness(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = element => {
  for (let e = element; e; e = e.parentElement) {
    const color = numbers(e.ownerDocument.defaultView.getComputedStyle(e).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
  }
  return [255, 255, 255];
};
const look = frame => {
  const page = frame.contentDocument, view = frame.contentWindow, root = page.scrollingElement;
  const texts = [...page.body.querySelectorAll('*')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const inside = e => { const r = e.getBoundingClientRect(); return r.left >= -0.5 && r.right <= root.clientWidth + 0.5; };
  const worst = texts.map(e => [contrast(numbers(view.getComputedStyle(e).color).slice(0, 3), ground(e)), e.textContent.trim().slice(0, 40)])
    .sort((a, b) => a[0] - b[0])[0];
  const smallest = Math.min(...texts.map(e => parseFloat(view.getComputedStyle(e).fontSize)));
  const buttons = [...page.querySelectorAll('a')].map(a => {
    const r = a.getBoundingClientRect();
    const top = page.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    const url = new URL(a.href);
    return { width: r.width, height: r.height, seen: a === top, scheme: url.protocol, to: decodeURIComponent(url.pathname),
      body: url.searchParams.get('body'), subject: url.searchParams.get('subject'), oneLine: r.height < 60 };
  });
  return { name: frame.dataset.name, width: frame.clientWidth, overflow: root.scrollWidth - root.clientWidth,
    outside: texts.filter(e => !inside(e)).length, contrast: worst[0], faintest: worst[1], smallest,
    requests: view.performance.getEntriesByType('resource').length, ground: ground(page.body),
    language: page.documentElement.lang, texts: texts.length, buttons };
};
addEventListener('load', () => {
  const out = document.createElement('pre');
  out.id = 'found';
  out.textContent = JSON.stringify([...document.querySelectorAll('iframe')].map(look));
  document.body.replaceChildren(out);
});
</script>"##;

/// Every sample in every language, a name and the HTML part.
fn pages() -> Vec<(String, String)> {
    let templates = Templates::embedded();
    let names = Templates::samples();
    let all = names.iter().flat_map(|(name, _)| Language::ALL.iter().map(move |language| (*name, *language)));
    all.map(|(name, language)| {
        let sample = templates.sample(name, language).unwrap().unwrap();
        (format!("{name}.{language}"), sample.html.unwrap())
    })
    .collect()
}

/// Opens all letters at all widths in one browser, and tells what was found in each.
fn look(pages: &[(String, String)], dark: bool) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = format!("<!doctype html><meta charset=\"utf-8\">{LOOK}<body>");
    for (name, page) in pages {
        let page = page.replace('&', "&amp;").replace('"', "&quot;");
        for width in WIDTHS {
            // High enough that nothing has to be scrolled to: the frame itself must not scroll sideways either.
            write!(
                bench,
                "<iframe data-name=\"{name}\" style=\"border:0; width:{width}px; height:12000px\" srcdoc=\"{page}\"></iframe>"
            )
            .unwrap();
        }
    }
    let file = dir.path().join("bench.html");
    std::fs::write(&file, bench).unwrap();
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]);
    browser.args(["--disable-background-networking", "--disable-component-update", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", dir.path().join("profile").display()));
    browser.arg(format!("--blink-settings=preferredColorScheme={}", if dark { 0 } else { 1 }));
    let output = browser.arg(format!("file://{}", file.display())).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let found = page.split_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (found, _) = found.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&found).unwrap()
}

/// What is wrong with a letter as it was shown.
fn faults(found: &Value, dark: bool) -> Vec<String> {
    let name = found["name"].as_str().unwrap();
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{name} at {}, dark {dark}: {what}", found["width"]));
        }
    };
    must(found["overflow"] == 0, format!("it scrolls sideways by {}", found["overflow"]));
    must(found["outside"] == 0, "a text reaches out of the window".to_owned());
    must(found["requests"] == 0, "it loads something".to_owned());
    must(found["texts"].as_u64().unwrap() > 3, "it is empty".to_owned());
    must(found["language"].as_str().is_some_and(|lang| name.ends_with(&format!(".{lang}"))), "its language".to_owned());
    // WCAG 2.2, success criterion 1.4.3.
    let contrast = found["contrast"].as_f64().unwrap();
    must(contrast >= 4.5, format!("contrast {contrast:.2} at {}", found["faintest"]));
    must(found["smallest"].as_f64().unwrap() >= 12.0, format!("type of {} px", found["smallest"]));
    let bright = found["ground"][0].as_u64().unwrap() > 128;
    must(bright != dark, "its ground is not that of the screen".to_owned());
    let asks = name.starts_with("approval_");
    let buttons = found["buttons"].as_array().unwrap();
    must(buttons.len() == if asks { 3 } else { 0 }, format!("{} buttons", buttons.len()));
    for button in buttons {
        let size = |side: &str| button[side].as_f64().unwrap();
        // The size of a fingertip (WCAG 2.2, success criterion 2.5.5).
        must(size("width") >= 44.0 && size("height") >= 44.0, format!("a small button: {button}"));
        must(
            button["seen"] == true && button["oneLine"] == true,
            format!("a button that is hidden or broken: {button}"),
        );
        must(button["scheme"] == "mailto:", format!("a button that is no mail: {button}"));
        let text = |field: &str| button[field].as_str().unwrap_or_default();
        must(text("to").starts_with("entitlement+") && text("to").ends_with("@asterid.example"), format!("{button}"));
        must(text("subject") == "Re: [RG-7K3M9Q]", format!("{button}"));
        must(text("body").contains("\r\n\r\nRef: RG-7K3M9Q "), format!("{button}"));
    }
    faults
}

#[test]
#[ignore = "needs chromium"]
fn needs_chromium_every_letter_is_readable_on_phones_and_desktops_light_and_dark() {
    let pages = pages();
    for dark in [false, true] {
        let found = look(&pages, dark);
        assert_eq!(found.len(), pages.len() * WIDTHS.len());
        let faults: Vec<String> = found.iter().flat_map(|found| faults(found, dark)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

#[test]
#[ignore = "needs chromium"]
fn needs_chromium_a_letter_that_is_not_readable_is_found_out() {
    let wide = "<html lang=\"en\"><body style=\"background:#fff\"><table width=\"900\"><tr><td>one<td>two<p>three<p>four</table>";
    let faint =
        "<html lang=\"en\"><body style=\"background:#fff\"><p>a<p>b<p>c<p style=\"color:#999; font-size:9px\">d";
    for (page, expected) in [(wide, "scrolls sideways"), (faint, "contrast 2.8"), (faint, "type of 9 px")] {
        let found = look(&[("receipt.en".to_owned(), page.to_owned())], false);
        let faults = faults(&found[0], false).join("\n");
        assert!(faults.contains(expected), "{expected}: {faults}");
    }
}
