//! A written answer cut into sentences, and what each sentence says by itself.

use super::fold;
use crate::rules::source::Pattern;
use crate::rules::verdicts::VerdictRules;

/// What one sentence, or one piece of it, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    Approve,
    /// Yes in words that need another yes beside them.
    Weak,
    /// A no that is taken back ("no reason to refuse"): stands with a yes beside it, and decides nothing alone.
    Lean,
    Deny,
    SendBack,
    Question,
    /// When it will be done: asks, and takes nothing back.
    HarmlessQuestion,
    Delegate,
    /// A no in other words than a refusal ("he should not have access"): stands beside a refusal, and decides nothing alone.
    Against,
    /// Yes with strings.
    Condition,
    /// Not yet, not sure, or against itself.
    Unsure,
    /// A remark that decides nothing.
    Neutral,
    /// Nothing but courtesy.
    Empty,
}

/// A sentence after judging.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub stance: Stance,
    /// The list that decided.
    pub rule: &'static str,
    /// The words that it took.
    pub words: String,
    /// The sentence begins with, or holds, a word that turns what stands before it.
    pub contrast: bool,
}

/// Sentences in order: hard-wrapped lines joined, cut at full stops, question marks, semicolons and line ends.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in fold::fold(text).replace(['’', '‘'], "'").lines() {
        let line = line.trim();
        match lines.last_mut() {
            Some(last) if !line.is_empty() && wraps(last, line) => {
                if last.chars().last().is_some_and(|c| c.is_ascii()) {
                    last.push(' ');
                }
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.iter().flat_map(|line| cut(line)).collect()
}

/// Whether `next` continues `last`: a negation must not be parted from its verb by the width of a window.
fn wraps(last: &str, next: &str) -> bool {
    let Some(end) = last.chars().last() else { return false };
    let Some(start) = next.chars().next() else { return false };
    if "。.!?！？;；".contains(end) {
        return false;
    }
    // A bracket belongs to the name before it; an address at a line's beginning to a line of its own.
    let form = ["(株)", "(有)", "(同)"].iter().any(|form| next.starts_with(form));
    if "(（<".contains(start) && !form {
        return true;
    }
    if !",、:：".contains(end) && next.split_whitespace().next().is_some_and(|word| word.contains('@')) {
        return false;
    }
    let greeting = end == ',' && last.split_whitespace().count() <= 4;
    if start.is_lowercase() {
        return !greeting;
    }
    if matches!(end, ':' | '：') {
        return true;
    }
    let finished = ["ます", "です", "した", "せん", "さい", "様", "さん"].iter().any(|tail| last.ends_with(tail));
    let hiragana = ('ぁ'..='ん').contains(&start);
    if hiragana && !finished && !opens_a_sentence(next) {
        return true;
    }
    if matches!(end, '、' | ',') && !greeting {
        return true;
    }
    let width: usize = last.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    let marked = start.is_ascii_digit() || "・-*①②③④⑤○×※".contains(start);
    width >= 56 && !finished && !marked
}

/// Kana at a line's beginning that begin a sentence of their own.
fn opens_a_sentence(line: &str) -> bool {
    [
        "これ",
        "この",
        "それ",
        "その",
        "こちら",
        "あと",
        "なお",
        "また",
        "ただ",
        "よろ",
        "すみ",
        "おね",
        "ありがと",
        "もし",
        "まだ",
        "いつも",
    ]
    .iter()
    .any(|word| line.starts_with(word))
}

fn cut(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        current.push(c);
        let blank_follows = characters.peek().is_none_or(|next| next.is_whitespace() || *next == '"' || *next == ')');
        let ends = match c {
            '。' | '！' | '？' | ';' | '；' => true,
            '!' | '?' => characters.peek().is_none_or(|next| !"!?".contains(*next)),
            '.' => {
                let rest: String = characters.clone().take(24).collect();
                blank_follows && (!abbreviated(&current) || ends_with_company(&current, &rest))
            }
            _ => false,
        };
        if ends {
            out.push(std::mem::take(&mut current));
        }
    }
    out.push(current);
    out.into_iter().map(|s| s.trim().to_owned()).filter(|s| s.chars().any(|c| !c.is_whitespace())).collect()
}

/// "… of Haruka Works Ltd. They run our network": the full stop of a legal form ends a sentence where a word comes next
/// with which no company's name goes on.
fn ends_with_company(text: &str, rest: &str) -> bool {
    let form = ["ltd.", "inc.", "corp.", "co."].iter().any(|form| text.to_lowercase().ends_with(form));
    let next = rest.split_whitespace().next().unwrap_or_default();
    let opens = [
        "They", "We", "I", "It", "He", "She", "The", "This", "That", "These", "Those", "There", "Our", "My", "Their",
        "Please", "Thanks", "Thank", "Reason", "Contract", "Approver", "User", "If", "As", "Could", "Can",
    ];
    form && opens.contains(&next.trim_end_matches([',', ':', '.']))
}

fn abbreviated(text: &str) -> bool {
    // Kana may stand right before it: "のMr."
    let word = text.split(|c: char| c.is_whitespace() || !c.is_ascii()).next_back().unwrap_or_default().to_lowercase();
    let numbering = text.trim().len() <= 3 && text.trim().trim_end_matches('.').bytes().all(|b| b.is_ascii_digit());
    let initial = word.len() == 2 && word != "k.";
    numbering
        || initial
        || matches!(
            word.as_str(),
            "mr."
                | "ms."
                | "mrs."
                | "dr."
                | "no."
                | "nos."
                | "e.g."
                | "i.e."
                | "inc."
                | "ltd."
                | "co."
                | "corp."
                | "st."
        )
}

/// Stands in a sentence for words that a list has taken.
const TAKEN: char = '\u{e000}';
/// Stands for a yes that was taken.
const YES: char = '\u{e001}';

/// Judges one sentence. Lists are tried in an order in which each may only make the next ones more careful.
pub(super) fn judge(rules: &VerdictRules, sentence: &str) -> Judged {
    let question = rules.question.find(sentence).map(|found| found.as_str().to_owned());
    let mut left = rules.courtesy.replace(sentence, " ");
    let contrast = rules.contrast.is_match(&left);
    let done = |stance, rule, words: String| Judged { stance, rule, words, contrast };
    let bare = |text: &str| !text.chars().any(|c| c.is_alphanumeric() || is_mark(c));
    if let Some(words) = question {
        let stance =
            if rules.harmless_question.is_match(sentence) { Stance::HarmlessQuestion } else { Stance::Question };
        // A courtesy put as a question ("お願いできますか" after 差し戻し) still says send back.
        if let Some(back) = take(&rules.send_back, &mut left, TAKEN) {
            return done(Stance::SendBack, "verdicts.send_back", back);
        }
        // "Could you ask …" and "…へお願いできますでしょうか" hand on, where they name an address.
        if sentence.contains('@') && rules.delegate.is_match(sentence) {
            return done(Stance::Delegate, "verdicts.delegate", words);
        }
        return done(stance, "verdicts.question", words);
    }
    if rules.remark.is_match(sentence) && !speaks(rules, &left) {
        return done(Stance::Neutral, "verdicts.remark", String::new());
    }
    if rules.harmless_question.is_match(sentence) {
        left = rules.harmless_question.replace(&left, " ");
    }
    if bare(&left) {
        // "お願いします" alone is courtesy, "はい、お願いします" is not: 'はい' is left over then.
        return done(Stance::Empty, "verdicts.courtesy", sentence.to_owned());
    }
    if let Some(word) = misspelt(rules, &left) {
        return done(word, "verdicts.misspelt", sentence.to_owned());
    }
    if let Some(words) = take(&rules.both_offered, &mut left, TAKEN)
        && !rules.delegate.is_match(&left)
    {
        return done(Stance::Unsure, "verdicts.both_offered", words);
    }
    let mut left = rules.own_subject.replace(&left, " ");
    if let Some(words) = take(&rules.others_act, &mut left, TAKEN) {
        return done(Stance::Unsure, "verdicts.others_act", words);
    }
    take(&rules.mention, &mut left, ' ');
    if let Some(words) = take(&rules.lean, &mut left, ' ')
        && !speaks(rules, &left)
    {
        return done(Stance::Lean, "verdicts.lean", words);
    }
    let idiom = take(&rules.idiom, &mut left, YES);
    let weak_idiom = take(&rules.weak_idiom, &mut left, YES);
    if let Some(words) = take(&rules.double_negation, &mut left, TAKEN) {
        return done(Stance::Unsure, "verdicts.double_negation", words);
    }
    if let Some(words) = take(&rules.asks_around, &mut left, TAKEN) {
        return done(Stance::Unsure, "verdicts.asks_around", words);
    }
    if let Some(words) = take(&rules.delegate, &mut left, TAKEN) {
        return done(Stance::Delegate, "verdicts.delegate", words);
    }
    let mut judged = verdict(rules, left, contrast, idiom, weak_idiom);
    if matches!(judged.stance, Stance::Approve | Stance::Weak | Stance::Deny)
        && let Some(topic) = another_topic(rules, sentence)
    {
        judged.stance = Stance::Unsure;
        judged.rule = "verdicts.another_topic";
        judged.words = topic;
    }
    judged
}

/// Whether a text decides or hands on in any way.
fn speaks(rules: &VerdictRules, text: &str) -> bool {
    let lists = [&rules.approve, &rules.weak_approve, &rules.deny, &rules.send_back, &rules.delegate, &rules.topic];
    lists.iter().any(|list| list.is_match(text))
}

/// What a verdict is about, where the sentence says so and it is not what the letter asked: a date, a bill.
fn another_topic(rules: &VerdictRules, sentence: &str) -> Option<String> {
    rules.about.captures_all(sentence).find_map(|found| {
        let topic = found.name("topic")?.as_str().trim();
        let ours = rules.own_topic.is_match(topic) || topic.chars().filter(char::is_ascii_digit).count() >= 3;
        (!ours && !topic.is_empty()).then(|| topic.to_owned())
    })
}

/// The verdict of what courtesies, mentions and other people's acts have left of a sentence.
fn verdict(
    rules: &VerdictRules,
    mut left: String,
    contrast: bool,
    idiom: Option<String>,
    weak_idiom: Option<String>,
) -> Judged {
    let done = |stance, rule, words: String| Judged { stance, rule, words, contrast };
    let send_back = take(&rules.send_back, &mut left, TAKEN);
    // Refusals such as "not approved" hold a yes: they go before it.
    let deny = take(&rules.deny, &mut left, TAKEN);
    let hold = take(&rules.hold, &mut left, TAKEN);
    let hedge = rules.hedge.find(&left).map(|found| found.as_str().to_owned());
    let condition = take(&rules.condition, &mut left, TAKEN);
    let approve = take(&rules.approve, &mut left, YES).or(idiom);
    let weak = take(&rules.weak_approve, &mut left, YES).or(weak_idiom);
    let negated = rules.negation.find(&left).map(|found| found.as_str().to_owned());
    let yes = approve.clone().or(weak.clone());
    let matters = deny.is_some() || yes.is_some() || rules.topic.is_match(&left);
    let hold = hold.or(hedge.filter(|_| matters));
    match (send_back, deny, hold, condition, yes) {
        (Some(back), None, _, _, None) => done(Stance::SendBack, "verdicts.send_back", back),
        (Some(back), ..) => done(Stance::Unsure, "verdicts.send_back", back),
        (None, _, Some(hold), _, _) => done(Stance::Unsure, "verdicts.hold", hold),
        (None, Some(deny), None, None, None) => {
            if denial_is_turned(rules, &left) {
                return done(Stance::Unsure, "verdicts.negation", deny);
            }
            done(Stance::Deny, "verdicts.deny", deny)
        }
        (None, Some(deny), None, Some(_), None) => done(Stance::Unsure, "verdicts.deny", deny),
        (None, Some(deny), None, _, Some(_)) => done(Stance::Unsure, "verdicts.deny", deny),
        (None, None, None, Some(condition), _) => done(Stance::Condition, "verdicts.condition", condition),
        (None, None, None, None, Some(yes)) => {
            if let Some(negated) = negated {
                return done(Stance::Unsure, "verdicts.negation", negated);
            }
            if approve.is_none() && says_more(&left) {
                return done(Stance::Weak, "verdicts.weak_approve", yes);
            }
            let turned = left.split_once(YES).is_some_and(|(_, after)| rules.contrast.is_match(after));
            if turned || !ends_well(rules, &left) {
                return done(Stance::Unsure, "verdicts.after_yes", yes);
            }
            let rule = if approve.is_some() { "verdicts.approve" } else { "verdicts.weak_approve" };
            done(Stance::Approve, rule, yes)
        }
        (None, None, None, None, None) => match negated {
            Some(negated) if rules.topic.is_match(&left) => done(Stance::Against, "verdicts.negation", negated),
            _ => done(Stance::Neutral, "verdicts.remark", String::new()),
        },
    }
}

/// Whether a no has a yes beside it that no list took, or is itself denied: "承認しない理由はない".
fn denial_is_turned(rules: &VerdictRules, left: &str) -> bool {
    if rules.yes_words.is_match(left) {
        return true;
    }
    let Some((_, after)) = left.rsplit_once(TAKEN) else { return false };
    let clause = after.split(['、', ',', '。', '.', ';', ':']).next().unwrap_or_default();
    let clause = [" because", " as ", " since ", " for "]
        .iter()
        .fold(clause, |text, joint| text.split_once(joint).map_or(text, |(before, _)| before));
    rules.negation.is_match(clause)
}

/// Takes every occurrence out of the text; gives the first.
fn take(pattern: &Pattern, text: &mut String, mark: char) -> Option<String> {
    let first = pattern.find(text)?.as_str().trim().to_owned();
    *text = pattern.replace(text, &format!(" {mark} "));
    Some(first)
}

/// Characters that say something without being letters.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '○' | '◯'
            | '〇'
            | '◎'
            | '×'
            | '✕'
            | '✖'
            | '❌'
            | '✅'
            | '🆗'
            | '👍'
            | '👌'
            | '👎'
            | '🙆'
            | '🙅'
            | '🚫'
    ) || ('①'..='⑳').contains(&c)
}

/// Whether what follows the last yes leaves it standing. In Japanese the end of the sentence decides: "承認する予定はない".
fn ends_well(rules: &VerdictRules, left: &str) -> bool {
    let Some((_, after)) = left.rsplit_once(YES) else { return true };
    let after = after.trim();
    let japanese = after.chars().any(|c| ('ぁ'..='ヿ').contains(&c) || ('一'..='鿿').contains(&c));
    !japanese || rules.after_yes.is_match(after)
}

/// Whether words stand beside a weak yes: "OK" decides, "OK, I saw it" may not.
fn says_more(left: &str) -> bool {
    left.split(|c: char| !c.is_alphanumeric())
        .filter(|word| {
            let filler = matches!(
                word.to_lowercase().as_str(),
                "this"
                    | "it"
                    | "that"
                    | "all"
                    | "both"
                    | "for"
                    | "to"
                    | "me"
                    | "us"
                    | "the"
                    | "with"
                    | "please"
                    | "and"
                    | "hi"
                    | "so"
            );
            !word.is_empty() && !filler && !word.bytes().all(|b| b.is_ascii_digit())
        })
        .count()
        > 0
}

/// A whole answer of one word with one letter wrong ("Apporved").
fn misspelt(rules: &VerdictRules, text: &str) -> Option<Stance> {
    let word: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let single = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() == 1;
    if !single || word.len() < 6 || !word.is_ascii() {
        return None;
    }
    let near = |list: &[String]| list.iter().any(|known| *known != word && one_letter_apart(known, &word));
    match (near(&rules.misspelt.approve), near(&rules.misspelt.deny)) {
        (true, false) => Some(Stance::Approve),
        (false, true) => Some(Stance::Deny),
        _ => None,
    }
}

/// Whether two words differ by one letter left out, put in, changed, or swapped with its neighbour.
fn one_letter_apart(known: &str, word: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (known.chars().collect(), word.chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let shorter = a.len().min(b.len());
    match a.len().abs_diff(b.len()) {
        0 => {
            let swapped =
                head + tail + 2 == a.len() && a.get(head) == b.get(head + 1) && a.get(head + 1) == b.get(head);
            head + tail + 1 >= a.len() || swapped
        }
        1 => head + tail >= shorter,
        _ => false,
    }
}
