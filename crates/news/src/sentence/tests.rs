use super::*;

#[test]
fn a_missing_space_after_a_sentence_is_a_lost_paragraph_break() {
    check(
        "The ports reopened.However, no ship came.",
        &["The ports reopened.", "However, no ship came."],
    );
    check(
        "It failed!Then it worked?Yes.",
        &["It failed!", "Then it worked?", "Yes."],
    );
    check(
        "It fell in 2025.The next year it rose.",
        &["It fell in 2025.", "The next year it rose."],
    );
    check(
        "It fell by 3%.Nobody knew.",
        &["It fell by 3%.", "Nobody knew."],
    );
    check(
        "They met (twice).I asked why.",
        &["They met (twice).", "I asked why."],
    );
    check(
        "They met.A day later they parted.",
        &["They met.", "A day later they parted."],
    );
    check(
        "He joined the talks.NATO did not.",
        &["He joined the talks.", "NATO did not."],
    );
    check(
        "He joined NATO.Then he left.",
        &["He joined NATO.", "Then he left."],
    );
    check(
        "협상이 끝났다.그러나 배는 없었다.",
        &["협상이 끝났다.", "그러나 배는 없었다."],
    );
}

#[test]
fn quotes_stay_with_the_sentence_they_belong_to() {
    check(
        "“It sails.”However, it did not.",
        &["“It sails.”", "However, it did not."],
    );
    check(
        "It did not sail.“It will,” she said.",
        &["It did not sail.", "“It will,” she said."],
    );
    check(
        "He said \"it sails.\"Then he left.",
        &["He said \"it sails.\"", "Then he left."],
    );
    check(
        "It did not sail.\"It will,\" she said.",
        &["It did not sail.", "\"It will,\" she said."],
    );
}

#[test]
fn names_figures_and_addresses_are_never_torn() {
    for line in [
        "The U.S.Army and J.K.Rowling met Mr.Verek in St.Petersburg.",
        "It rose 3.5 points to 1.234.567, not 3.B or 2.0.",
        "See example.com, Example.Com and https://example.com/a.Html or www.example.com/A.Bc today.",
        "Write to Ann.Lee@example.com, J.Lee@Example.Com or Lee.Ann@Example.Com.",
        "ASP.NET and Node.JS are names, Ph.D.Students exist.",
        "Wait...What did Yahoo!Japan say?",
        "1.Introduction",
        "No.Ten had No.1 and No.A.",
        "3.1운동 기념식",
        "会談した。しかし、合意はない。",
        "One sentence. Another one.",
        "",
    ] {
        let whole = if line.is_empty() { vec![] } else { vec![line] };
        assert_eq!(lost_paragraphs(line), whole);
    }
}

#[test]
fn sentences_end_where_a_reader_stops() {
    assert_eq!(
        sentences(
            "Mr. Verek met Gov. A. B. Linnell at 3.5 p.m. today. “It sails.” Why? See example.com. End"
        ),
        [
            "Mr. Verek met Gov. A. B. Linnell at 3.5 p.m. today.",
            "“It sails.”",
            "Why?",
            "See example.com.",
            "End"
        ]
    );
    assert_eq!(
        sentences("会談した。「終わった。」と述べた！"),
        ["会談した。", "「終わった。」", "と述べた！"]
    );
}

#[test]
fn a_summary_is_whole_sentences_while_they_fit() {
    let long = format!("{} end.", "word ".repeat(40).trim_end());
    assert_eq!(summary(&["A heading", "One. Two."]), "One. Two.");
    assert_eq!(summary(&["Only a heading"]), "Only a heading");
    assert_eq!(summary(&["One.", &long, &long]), format!("One. {long}"));
    assert_eq!(
        summary(&["終わった。", "始まった。"]),
        "終わった。始まった。"
    );
    assert_eq!(summary(&[]), "");
}

#[test]
fn a_first_sentence_beyond_the_limit_is_cut_at_a_word() {
    let exact = format!("{}.", "w".repeat(SUMMARY_CHARS - 1));
    assert_eq!(summary(&[&exact]), exact);
    let cut = summary(&[&format!("{}, end.", "word ".repeat(80).trim_end())]);
    assert!(
        cut.ends_with("word…") && cut.chars().count() <= SUMMARY_CHARS,
        "{cut}"
    );
    let cut = summary(&[&format!("{}。", "語".repeat(300))]);
    assert_eq!(cut.chars().count(), SUMMARY_CHARS);
}

fn check(line: &str, paragraphs: &[&str]) {
    assert_eq!(lost_paragraphs(line), paragraphs);
}
