//! The searches: a beam for cycles, and all splits by dynamic programming.

use crate::maker::Maker;
use crate::support::Random;

/// The best that a search for cycles found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// What the cheapest closed cycle cost in all.
    pub(crate) paid: i64,
    /// The most by which any position on the way was cheaper than its true cost, in micros.
    pub(crate) edge: f64,
}

#[derive(Clone)]
struct Node<M> {
    maker: M,
    paid: i64,
    /// What was paid above the true cost of the position; below, the adversary wins.
    loss: f64,
}

impl<M: Maker> Node<M> {
    fn after(&self, outcome: usize, lots: i64) -> Option<Node<M>> {
        // Nobody sells what they do not have.
        if self.maker.sold()[outcome] + lots < 0 {
            return None;
        }
        let mut maker = self.maker.clone();
        let paid = self.paid + maker.trade(outcome, lots)?;
        let loss = paid as f64 - maker.curve().cost(maker.sold());
        Some(Node { maker, paid, loss })
    }
}

const CHUNKS: [i64; 9] = [1, 2, 3, 4, 5, 7, 11, 18, 40];
const WIDTH: usize = 14;
const STEPS: usize = 18;

/// Keeps the positions that came cheapest, step by step, and closes each step's best to a cycle.
pub(crate) fn best_cycle<M: Maker>(maker: &M, seed: u64) -> Found {
    let mut random = Random(seed);
    let start = Node {
        maker: maker.clone(),
        paid: 0,
        loss: 0.0,
    };
    let outcomes = maker.sold().len();
    // Somewhere else than at the start, where prices are round.
    let first = start.after(0, 1 + i64::try_from(random.below(60)).unwrap());
    let mut beam = vec![first.expect("a purchase")];
    let mut found = Found {
        paid: i64::MAX,
        edge: f64::MIN,
    };
    for _ in 0..STEPS {
        let moves = (0..outcomes)
            .flat_map(|k| CHUNKS.iter().flat_map(move |lots| [(k, *lots), (k, -lots)]));
        let moves: Vec<(usize, i64)> = moves.collect();
        let next = |node: &Node<M>| {
            moves
                .iter()
                .filter_map(|(k, lots)| node.after(*k, *lots))
                .collect::<Vec<_>>()
        };
        let mut nodes: Vec<Node<M>> = beam.iter().flat_map(next).collect();
        nodes.sort_by(|one, other| one.loss.total_cmp(&other.loss));
        // One of each position: the cheapest way to it.
        let mut positions = Vec::new();
        nodes.retain(|node| {
            let is_new = !positions.contains(&node.maker.sold().to_vec());
            if is_new && positions.len() < WIDTH {
                positions.push(node.maker.sold().to_vec());
            }
            is_new && positions.len() <= WIDTH
        });
        nodes.truncate(WIDTH);
        beam = nodes;
        found.edge = found.edge.max(-beam[0].loss);
        let closed = closed(beam[0].clone());
        found.paid = found.paid.min(closed.paid);
        found.edge = found.edge.max(-closed.loss);
    }
    found
}

/// Sells everything, each time the chunk that loses least.
fn closed<M: Maker>(mut node: Node<M>) -> Node<M> {
    loop {
        let sold = node.maker.sold().to_vec();
        let sales = sold.iter().enumerate().flat_map(|(k, held)| {
            let some = CHUNKS.iter().copied().filter(move |lots| lots <= held);
            some.map(move |lots| (k, -lots))
        });
        let next = sales.filter_map(|(k, lots)| node.after(k, lots));
        let Some(best) = next.min_by(|one, other| one.loss.total_cmp(&other.loss)) else {
            return node;
        };
        node = best;
    }
}

/// What 0 … `most` lots of an outcome cost in their cheapest split into parts of at most `part`; fewer
/// where the maker goes no further. `way` is 1 for buying, −1 for selling.
pub(crate) fn cheapest_splits<M: Maker>(
    maker: &M,
    outcome: usize,
    most: usize,
    part: usize,
    way: i64,
) -> Vec<i64> {
    let mut cheapest = vec![None; most + 1];
    cheapest[0] = Some(0);
    let mut at = maker.clone();
    for lots in 0..most {
        let Some(so_far) = cheapest[lots] else {
            break;
        };
        for more in 1..=part.min(most - lots) {
            let Some(paid) = at.clone().trade(outcome, way * more as i64) else {
                break;
            };
            let cost = so_far + paid;
            let known = cheapest[lots + more].unwrap_or(cost);
            cheapest[lots + more] = Some(known.min(cost));
        }
        at.trade(outcome, way);
    }
    cheapest.into_iter().map_while(|cost| cost).collect()
}
