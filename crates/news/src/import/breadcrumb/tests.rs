use super::*;

#[test]
fn steps_run_together_are_found_again() {
    check("Politicsdiplomacy", &[], &["Politics", "Diplomacy"]);
    check(
        "PoliticsWater treatiesStrait Affairs",
        &["water treaties"],
        &["Politics", "Water treaties", "Strait Affairs"],
    );
    check(
        "BusinessShippingHarbour Works",
        &[],
        &["Business", "Shipping", "Harbour Works"],
    );
    check("politicsdiplomacy", &[], &["Politics", "Diplomacy"]);
    check("UKPolitics", &[], &["UK", "Politics"]);
    check("WorldYouTube", &["YouTube"], &["World", "YouTube"]);
    check(
        "HomeWorldMcDonald Islands",
        &[],
        &["World", "McDonald Islands"],
    );
    check("政治外交", &["外交"], &["政治", "外交"]);
    check("정치외교", &[], &["정치", "외교"]);
}

#[test]
fn steps_with_separators_between_them_are_steps() {
    check("Home > World > Asia", &[], &["World", "Asia"]);
    check("Straits › Ferries", &[], &["Straits", "Ferries"]);
    check(
        "Business / Harbour works",
        &[],
        &["Business", "Harbour works"],
    );
    check("World/Asia", &[], &["World", "Asia"]);
    check("Politics", &[], &["Politics"]);
    check("strait ferries", &["Strait Ferries"], &["Strait ferries"]);
}

#[test]
fn a_title_is_not_a_section_path() {
    for title in [
        "Japan and South Korea Forge Cautious Path",
        "McDonald Returns to YouTube",
        "OpenAir Festival",
        "Worldwide",
        "Newsroom",
        "Politics Today",
        "Politics: what comes next",
        "Ferry sails | The Strait Courier",
        "Ferries and/or bridges?",
        "Home",
        "Ferry Sails From Lanmouth.",
        "",
    ] {
        assert_eq!(read(title, &[]), None, "{title}");
    }
    assert_eq!(read(&"Politics".repeat(200), &[]), None);
    assert_eq!(read(&"Politics".repeat(9), &[]), None);
}

fn check(line: &str, tags: &[&str], steps: &[&str]) {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    assert_eq!(read(line, &tags).unwrap_or_default(), steps, "{line}");
}
