//! The letters that pictures are written in: a serif and a sans from crates, so that a picture looks the same
//! on every machine; for Chinese characters, kana and hangul what the machine has, because a typeface with
//! all of them is larger than this program.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, Source};

/// What figures and words are written in.
pub(crate) const SANS: &str = "Noto Sans";
/// What headlines and questions are written in.
pub(crate) const SERIF: &str = "Libertinus Serif";

/// Families with letters of East Asia, the better ones first. Debian has the first four in
/// `fonts-noto-cjk` (56 MB), WenQuanYi in `fonts-wqy-microhei` (1.6 MB, all three scripts), and Droid in
/// `fonts-droid-fallback` (1.8 MB, no hangul).
const EAST: [&str; 7] = [
    "Noto Serif CJK JP",
    "Noto Serif CJK KR",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "NanumGothic",
];

/// All of them.
pub(crate) fn all() -> Arc<Database> {
    static ALL: LazyLock<Arc<Database>> = LazyLock::new(|| Arc::new(load()));
    Arc::clone(&ALL)
}

/// Whether this machine has letters of East Asia: asked of it, and not of what was loaded.
#[cfg(test)]
pub(crate) fn has_east() -> bool {
    let mut machine = Database::new();
    machine.load_system_fonts();
    machine.faces().any(|face| is_of(face, &EAST))
}

fn load() -> Database {
    let mut letters = Database::new();
    for face in [ttf_noto_sans::REGULAR, ttf_noto_sans::BOLD] {
        letters.load_font_source(Source::Binary(Arc::new(face)));
    }
    for face in typst_assets::fonts() {
        letters.load_font_source(Source::Binary(Arc::new(face)));
    }
    only(&mut letters, &[SANS, SERIF]);
    letters.set_sans_serif_family(SANS);
    letters.set_serif_family(SERIF);
    add_east(&mut letters);
    letters
}

/// Adds the machine's letters in our order: the first face that has a letter is the one that is taken.
fn add_east(letters: &mut Database) {
    let mut machine = Database::new();
    machine.load_system_fonts();
    only(&mut machine, &EAST);
    for family in EAST {
        let of_it = machine.faces().filter(|face| is_of(face, &[family]));
        of_it.cloned().for_each(|face| {
            letters.push_face_info(face);
        });
    }
    if letters.faces().all(|face| !is_of(face, &EAST)) {
        tracing::warn!(
            "no font with Japanese and Korean letters is installed: pictures of what is written in them \
             are not drawn; Debian has some in fonts-noto-cjk and fonts-wqy-microhei"
        );
    }
}

fn only(letters: &mut Database, families: &[&str]) {
    let others = letters.faces().filter(|face| !is_of(face, families));
    let others: Vec<_> = others.map(|face| face.id).collect();
    others.into_iter().for_each(|id| letters.remove_face(id));
}

fn is_of(face: &resvg::usvg::fontdb::FaceInfo, families: &[&str]) -> bool {
    let named = |(name, _): &(String, _)| families.contains(&name.as_str());
    face.families.iter().any(named)
}
