//! Appends over a network that fails. The truth is what a second store says, which has a connection
//! of its own to the server.

use super::*;
use crate::testing::proxy::{Fault, Proxy, Way};
use crate::testing::server;

/// An owner behind a network that can fail, and a witness who has another.
struct Net {
    proxy: Proxy,
    owner: Store,
    witness: Store,
    records: Records,
    head: Head,
}

impl Net {
    /// None where there is no PostgreSQL.
    async fn new() -> Option<Net> {
        let address = server()?.database().unwrap();
        let proxy = Proxy::to(&address);
        let owner = Store::open(proxy.address()).await.unwrap();
        let witness = Store::open(&address).await.unwrap();
        let head = claimed_by(&owner, ME, LEASE).await;
        Some(Net {
            proxy,
            owner,
            witness,
            records: Records::new(),
            head,
        })
    }

    /// Appends while nothing fails.
    async fn append(&mut self) {
        let group = self.records.after(&self.head);
        self.owner.append(&group, LEASE).await.unwrap();
        self.head = group.head();
    }

    /// Appends over a fault, and settles what became of it: whether there was a doubt, and whether the
    /// group was in.
    async fn append_over(&mut self, fault: Fault, way: Way, after: usize) -> Option<bool> {
        let group = self.records.after(&self.head);
        self.proxy.fail(fault, way, after);
        let appended = self.owner.append(&group, LEASE).await;
        self.proxy.heal();
        match appended {
            Ok(()) => {
                assert_eq!(self.witness.head().await.unwrap(), group.head());
                self.head = group.head();
                None
            }
            Err(AppendError::Interrupted(_)) => Some(self.settle(group).await),
            Err(error) => panic!("{fault:?} after {after} of {way:?}: {error:?}"),
        }
    }

    /// As a writer does it: acknowledges the group, or appends it again.
    async fn settle(&mut self, group: StoredGroup) -> bool {
        let there = self.owner.reclaim(self.head.epoch, LEASE).await;
        let there = there.unwrap().expect("nobody else claimed");
        assert_eq!(there, self.witness.head().await.unwrap());
        assert!(there.epoch > self.head.epoch);
        let is_in = there.last_seq == group.last;
        self.head = match is_in {
            true => {
                assert_eq!(there.last_hash, group.hash);
                there
            }
            false => {
                assert_eq!(there.last_hash, self.head.last_hash);
                let group = group.moved_to(&there);
                self.owner.append(&group, LEASE).await.unwrap();
                group.head()
            }
        };
        assert_eq!(self.witness.head().await.unwrap(), self.head);
        is_in
    }

    /// How many bytes an append sends and gets.
    async fn measured(&mut self) -> (usize, usize) {
        self.proxy.passed(Way::Request);
        self.proxy.passed(Way::Answer);
        self.append().await;
        let passed = |way| self.proxy.passed(way);
        (passed(Way::Request), passed(Way::Answer))
    }

    /// A connection that has never appended, so that the next append prepares its statement first.
    async fn reconnect(&mut self) {
        self.proxy.fail(Fault::Cut, Way::Request, 0);
        drop(self.owner.renew(self.head.epoch, LEASE).await);
        assert!(self.owner.renew(self.head.epoch, LEASE).await.unwrap());
    }
}

/// Places in so many bytes: each of the last, and enough of the others to be in every message.
fn places(bytes: usize) -> impl Iterator<Item = usize> {
    let coarse = (bytes / 40).max(1);
    (0..=bytes).filter(move |place| place % coarse == 0 || place + 8 >= bytes)
}

async fn cut_everywhere(prepared: bool) {
    let Some(mut net) = Net::new().await else {
        return;
    };
    net.append().await;
    if !prepared {
        net.reconnect().await;
    }
    let (request, answer) = net.measured().await;
    let (mut told_in, mut told_out) = (0, 0);
    for (way, bytes) in [(Way::Request, request), (Way::Answer, answer)] {
        for after in places(bytes) {
            match prepared {
                true => net.append().await,
                false => net.reconnect().await,
            }
            let is_in = net.append_over(Fault::Cut, way, after).await;
            // The whole request was there, and nobody waited for the answer: either may be true.
            // Otherwise the server had to have it all, or had something to answer.
            let whole = way == Way::Request && after + 8 >= bytes;
            match is_in {
                Some(true) => {
                    assert!(whole || way == Way::Answer, "{way:?} {after} of {bytes}");
                    told_in += 1;
                }
                Some(false) => told_out += 1,
                None => assert!(after + 8 >= bytes, "{way:?} {after} of {bytes}"),
            }
        }
    }
    let head = checked(&net.witness).await;
    assert_eq!(head, net.head);
    println!("{request} bytes sent, {answer} answered: {told_in} were in, {told_out} were not");
    assert!(told_in > 0 && told_out > 0);
}

#[tokio::test]
async fn an_append_that_is_cut_anywhere_is_settled() {
    cut_everywhere(true).await;
}

#[tokio::test]
async fn the_first_append_of_a_connection_too() {
    cut_everywhere(false).await;
}

#[tokio::test]
async fn the_answer_to_a_reclaim_can_be_lost_too() {
    let Some(mut net) = Net::new().await else {
        return;
    };
    for (way, expected) in [(Way::Request, false), (Way::Answer, true)] {
        for after in (0..400).step_by(9) {
            net.append().await;
            let group = net.records.after(&net.head);
            net.proxy.fail(Fault::Cut, way, 0);
            let appended = net.owner.append(&group, LEASE).await;
            assert!(matches!(appended, Err(AppendError::Interrupted(_))));
            net.proxy.fail(Fault::Cut, Way::Answer, after);
            // Whether it was carried out, and whether its answer came, is all the same.
            drop(net.owner.reclaim(net.head.epoch, LEASE).await);
            net.proxy.heal();
            // Its connection may be gone just after its answer.
            drop(net.owner.renew(u64::MAX / 2, LEASE).await);
            assert_eq!(net.settle(group).await, expected, "{after}");
        }
    }
    assert_eq!(checked(&net.witness).await, net.head);
}

#[tokio::test]
async fn a_network_that_falls_silent_is_given_up_and_settled() {
    let silenced = async |way, part: fn(usize, usize) -> usize| {
        let mut net = Net::new().await?;
        net.append().await;
        let (request, answer) = net.measured().await;
        let after = part(request, answer);
        let is_in = net.append_over(Fault::Silence, way, after).await;
        assert_eq!(checked(&net.witness).await, net.head);
        is_in
    };
    let silenced = tokio::join!(
        silenced(Way::Request, |request, _| request / 2),
        silenced(Way::Answer, |_, _| 0),
        silenced(Way::Answer, |_, answer| answer / 2),
    );
    if server().is_some() {
        assert_eq!(silenced, (Some(false), Some(true), Some(true)));
    }
}

#[tokio::test]
async fn to_reclaim_waits_for_a_group_in_flight() {
    let Some(mut net) = Net::new().await else {
        return;
    };
    for commits in [true, false, true] {
        let group = net.records.after(&net.head);
        // The server has begun to carry the append out; its owner is gone.
        let mut flight = net.witness.database.begin(Part::Journal).await.unwrap();
        let appended = flight.change(APPEND, &columns(&group, LEASE)).await;
        assert_eq!(appended.unwrap(), 1);
        let (owner, epoch) = (net.owner.clone(), net.head.epoch);
        let waiting = tokio::spawn(async move { owner.reclaim(epoch, LEASE).await });
        tokio::time::sleep(MOMENT).await;
        assert!(!waiting.is_finished());
        match commits {
            true => flight.commit().await.unwrap(),
            false => flight.undo().await.unwrap(),
        }
        let there = waiting.await.unwrap().unwrap().unwrap();
        assert_eq!(there.last_hash == group.hash, commits);
        net.head = there;
    }
    assert_eq!(checked(&net.witness).await.last_seq, Seq(2));
}

#[tokio::test]
async fn a_group_that_waited_for_a_reclaim_is_fenced() {
    let Some(net) = Net::new().await else {
        return;
    };
    let group = net.records.after(&net.head);
    let mut reclaim = net.witness.database.begin(Part::Journal).await.unwrap();
    let args = [
        Arg::from(PARTITION),
        Arg::from(net.head.epoch),
        micros(LEASE),
    ];
    assert!(reclaim.read_one(RECLAIM, &args).await.unwrap().is_some());
    let owner = net.owner.clone();
    let late = tokio::spawn(async move { owner.append(&group, LEASE).await });
    tokio::time::sleep(MOMENT).await;
    assert!(!late.is_finished());
    reclaim.commit().await.unwrap();
    let late = late.await.unwrap();
    assert!(matches!(late, Err(AppendError::NotOwner)), "{late:?}");
    assert_eq!(checked(&net.witness).await.last_seq, Seq(0));
}
