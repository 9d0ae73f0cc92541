use super::*;

fn stall(ix: usize) -> Stall {
    Stall::new(&tidings_news::sample::newsroom().markets[ix])
}

#[test]
fn an_article_moves_opinion_the_same_way_every_time() {
    let (mut one, mut other) = (stall(2), stall(2));
    one.hear("some-article");
    other.hear("some-article");
    assert_eq!(one.opinion, other.opinion);
    assert_ne!(one.opinion, one.anchor);
}

#[test]
fn opinions_stay_plausible_for_days() {
    let mut random = Random::new(7);
    for ix in 0..tidings_news::sample::newsroom().markets.len() {
        let mut stall = stall(ix);
        for _ in 0..3 * 86_400 / 5 {
            stall.pass(5.0, &mut random);
            for odds in stall.opinion() {
                assert!((0.005..0.995).contains(&odds), "{}: {odds}", stall.slug);
            }
        }
    }
}
