//! Keys against the rules read literally: a naive model says who may ask for what, with sets of words,
//! seconds and numbers of addresses, and the engine has to agree with it on every command. From seeds.

mod support;

use std::collections::BTreeSet;

use support::{Random, seeds};
use tidings_core::access::{
    Grant, LONGEST_OVERLAP, MOST_LIVE_KEYS, Network, PublicKey, Role, Scopes,
};
use tidings_core::command::{Command, OpenAccount, Request, RotateKey, Stamp};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, Seq};
use tidings_core::units::Timestamp;
use tidings_core::{Answer, Engine};

const COMMANDS: u64 = 600;
const OWNER: AccountId = AccountId(3);
const OTHER: AccountId = AccountId(4);
/// The first addresses of 10.0.0.0/8, a number each; a range of a model is a set of these.
const ADDRESSES: u8 = 8;

/// A key as the rules speak of it.
#[derive(Clone, Debug)]
struct Naive {
    words: BTreeSet<&'static str>,
    ends: Vec<i64>,
    addresses: BTreeSet<u8>,
    revoked: bool,
    rotated: bool,
}

impl Naive {
    fn is_live(&self, now: i64) -> bool {
        !self.revoked && self.ends.iter().all(|end| now < *end)
    }

    /// Every scope, every moment and every address of another key is one of this key.
    fn has_all_of(&self, other: &Naive) -> bool {
        let last = |key: &Naive| key.ends.iter().copied().min().unwrap_or(i64::MAX);
        self.words.is_superset(&other.words)
            && last(other) <= last(self)
            && self.addresses.is_superset(&other.addresses)
    }
}

struct Model {
    keys: Vec<Naive>,
}

impl Model {
    fn asks(&self, by: usize, now: i64) -> Result<&Naive, &'static str> {
        let asking = self.keys.get(by).filter(|key| key.is_live(now));
        asking.ok_or("key_invalid")
    }

    fn may_make(&self, by: usize, other: &Naive, now: i64) -> Result<(), &'static str> {
        let asking = self.asks(by, now)?;
        let live = self.keys.iter().filter(|key| key.is_live(now)).count();
        match () {
            () if !asking.words.contains("manage") || !asking.has_all_of(other) => {
                Err("grant_too_wide")
            }
            () if live >= MOST_LIVE_KEYS => Err("too_many_keys"),
            () => Ok(()),
        }
    }

    fn issue(&mut self, by: Option<usize>, key: Naive, now: i64) -> Result<(), &'static str> {
        if let Some(by) = by {
            self.may_make(by, &key, now)?;
        }
        self.keys.push(key);
        Ok(())
    }

    fn rotate(
        &mut self,
        by: Option<usize>,
        key: usize,
        overlap: u32,
        now: i64,
    ) -> Result<(), &'static str> {
        let first = self.keys.get(key).filter(|key| key.is_live(now));
        let first = first.ok_or("key_not_found")?.clone();
        if first.rotated {
            return Err("key_rotated");
        }
        if let Some(by) = by {
            self.may_make(by, &first, now)?;
        }
        if overlap > LONGEST_OVERLAP {
            return Err("grant_invalid");
        }
        self.keys.push(first);
        self.keys[key].rotated = true;
        self.keys[key].ends.push(now + i64::from(overlap));
        Ok(())
    }

    fn revoke(&mut self, by: Option<usize>, key: usize, now: i64) -> Result<(), &'static str> {
        if let Some(by) = by {
            let asking = self.asks(by, now)?;
            if by != key && !asking.words.contains("manage") {
                return Err("grant_too_wide");
            }
        }
        let found = self.keys.get_mut(key).filter(|key| !key.revoked);
        found.ok_or("key_not_found")?.revoked = true;
        Ok(())
    }
}

const WORDS: [(&str, Scopes); 3] = [
    ("read", Scopes::READ),
    ("trade", Scopes::TRADE),
    ("manage", Scopes::MANAGE),
];

/// A key as a model has it and as the engine is asked for it.
fn draw(random: &mut Random, number: u64, now: i64) -> (Naive, Grant) {
    let mut words: BTreeSet<&'static str> = ["read"].into();
    for word in ["trade", "manage"] {
        if random.below(3) > 0 {
            words.insert(word);
        }
    }
    let named = WORDS.iter().filter(|(word, _)| words.contains(word));
    let scopes = named.map(|(_, scope)| *scope).reduce(Scopes::and).unwrap();
    let ends = (random.below(3) == 0).then(|| now + i64::try_from(random.below(400)).unwrap());
    // A range of 1, 2, 4 or all 8 addresses.
    let (length, size) = random.one_of(&[(32, 1), (31, 2), (30, 4), (29, ADDRESSES), (0, 0)]);
    let (addresses, networks) = match size {
        0 => ((0..ADDRESSES + 1).collect(), None),
        size => {
            let first = size * u8::try_from(random.below(u64::from(ADDRESSES / size))).unwrap();
            let range: Network = format!("10.0.0.{first}/{length}").parse().unwrap();
            ((first..first + size).collect(), Some([range].into()))
        }
    };
    let digest = *blake3::hash(&number.to_le_bytes()).as_bytes();
    let plain = match random.below(4) {
        0 => Grant::signer(PublicKey(digest), scopes),
        _ => Grant::bearer(digest, scopes),
    };
    let grant = Grant {
        expires_at: ends.map(moment),
        networks,
        ..plain
    };
    let naive = Naive {
        words,
        ends: ends.into_iter().collect(),
        addresses,
        revoked: false,
        rotated: false,
    };
    (naive, grant)
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn open(role: Role, grant: Option<Grant>) -> Command {
    Command::OpenAccount(OpenAccount {
        name: "somebody".to_owned(),
        role,
        grant: grant.map(Box::new),
    })
}

fn start() -> Engine {
    let mut engine = Engine::new();
    let first = Grant::bearer([1; 32], Scopes::all(Role::Trader));
    let steps = [
        (AccountId::WORLD, open(Role::Admin, None)),
        (AccountId::ADMIN, open(Role::Trader, Some(first))),
        (AccountId::ADMIN, open(Role::Trader, None)),
    ];
    for ((actor, command), seq) in steps.into_iter().zip(1..) {
        let stamp = Stamp {
            seq: Seq(seq),
            at: moment(0),
        };
        let answer = engine.apply(stamp, &Request::new(actor, command), &mut Vec::new());
        assert_eq!(answer, Answer::Done);
    }
    engine
}

#[test]
fn the_engine_agrees_with_the_rules_on_who_may_make_rotate_and_end_keys() {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for seed in seeds(0..16) {
        println!("seed {seed}");
        let mut random = Random(seed);
        let mut engine = start();
        let mut model = Model {
            keys: vec![Naive {
                words: WORDS.iter().map(|(word, _)| *word).collect(),
                ends: Vec::new(),
                addresses: (0..ADDRESSES + 1).collect(),
                revoked: false,
                rotated: false,
            }],
        };
        let mut now = 0;
        for number in 0..COMMANDS {
            now += i64::try_from(random.below(4)).unwrap();
            let most = model.keys.len() as u64 + 1;
            let mut key = || u32::try_from(random.below(most)).unwrap();
            let (by, key) = (key(), key());
            // Now and then it is an administrator who asks.
            let by = (random.below(8) > 0).then_some(by);
            let asks = by.map(|by| by as usize);
            let (command, expected) = match random.below(10) {
                0..=5 => {
                    let (naive, grant) = draw(&mut random, number, now);
                    let expected = model.issue(asks, naive, now);
                    let account = OWNER;
                    let grant = Box::new(grant);
                    (Command::IssueKey { account, grant, by }, expected)
                }
                6 => {
                    let command = Command::RevokeKey {
                        account: OWNER,
                        key,
                        by,
                    };
                    (command, model.revoke(asks, key as usize, now))
                }
                _ => {
                    let overlap = random.one_of(&[0, 5, 60, LONGEST_OVERLAP, LONGEST_OVERLAP + 1]);
                    let rotate = RotateKey {
                        account: OWNER,
                        key,
                        digest: *blake3::hash(&number.to_le_bytes()).as_bytes(),
                        overlap,
                        public_key: None,
                        by,
                        rsa_public_key: None,
                    };
                    let expected = model.rotate(asks, key as usize, overlap, now);
                    (Command::RotateKey(Box::new(rotate)), expected)
                }
            };
            let actor = by.map_or(AccountId::ADMIN, |_| OWNER);
            let place = format!("seed {seed}, command {number} at {now} s: {command:?}");
            // A hash walks all keys, so not every refusal is looked at.
            let before = (number % 4 == 0).then(|| engine.state_hash());
            let stamp = Stamp {
                seq: Seq(engine.last().seq.0 + 1),
                at: moment(now),
            };
            let answer = engine.apply(stamp, &Request::new(actor, command), &mut Vec::new());
            match (answer, expected) {
                (Answer::Done, Ok(())) => drop(told.insert("done".to_owned())),
                (Answer::Refused(reject), Err(code)) => {
                    assert_eq!(reject.code(), code, "{place}");
                    if let Some(before) = before {
                        assert_eq!(engine.state_hash(), before, "{place}");
                    }
                    told.insert(code.to_owned());
                }
                (answer, expected) => panic!("{place}: {answer:?}, not {expected:?}"),
            }
            let keys = &engine.account(OWNER).unwrap().keys;
            assert_eq!(keys.len(), model.keys.len(), "{place}");
            for (key, naive) in keys.iter().zip(&model.keys) {
                assert_eq!(key.is_live(moment(now)), naive.is_live(now), "{place}");
            }
        }
        let again = Engine::restore(&engine.snapshot()).unwrap();
        assert_eq!(again.state_hash(), engine.state_hash());
    }
    for code in [
        "done",
        "key_invalid",
        "key_not_found",
        "key_rotated",
        "grant_too_wide",
        "grant_invalid",
        "too_many_keys",
    ] {
        assert!(told.contains(code), "nobody was told {code}: {told:?}");
    }
}

#[test]
fn a_key_asks_about_its_own_account_only() {
    let mut engine = start();
    let by = Some(0);
    let grant = Grant::bearer([9; 32], Scopes::READ);
    let rotate = RotateKey {
        account: OWNER,
        key: 0,
        digest: [9; 32],
        overlap: 0,
        public_key: None,
        by,
        rsa_public_key: None,
    };
    let commands = [
        Command::IssueKey {
            account: OWNER,
            grant: Box::new(grant),
            by,
        },
        Command::RevokeKey {
            account: OWNER,
            key: 0,
            by,
        },
        Command::RotateKey(Box::new(rotate)),
    ];
    let before = engine.state_hash();
    for actor in [OTHER, AccountId::ADMIN, AccountId::WORLD] {
        for command in &commands {
            let stamp = Stamp {
                seq: Seq(engine.last().seq.0 + 1),
                at: moment(1),
            };
            let mut events: Vec<Event> = Vec::new();
            let request = Request::new(actor, command.clone());
            match engine.apply(stamp, &request, &mut events) {
                Answer::Refused(reject) => assert_eq!(reject.code(), "role_not_allowed"),
                answer => panic!("{actor}: {command:?}: {answer:?}"),
            }
            assert!(events.is_empty());
        }
    }
    assert_eq!(engine.state_hash(), before);
}

#[test]
fn what_keys_learned_is_in_the_hash_of_the_state() {
    let plain = Grant::bearer([9; 32], Scopes::READ);
    let network: Network = "10.0.0.0/8".parse().unwrap();
    let old = Grant {
        manages: None,
        ..plain.clone()
    };
    let grants = [
        plain.clone(),
        old,
        Grant {
            manages: Some(true),
            ..plain.clone()
        },
        Grant {
            name: Some("bot".into()),
            ..plain.clone()
        },
        Grant {
            networks: Some([network].into()),
            ..plain
        },
    ];
    let mut hashes = BTreeSet::new();
    for grant in grants {
        let mut engine = start();
        let issue = Command::IssueKey {
            account: OWNER,
            grant: Box::new(grant),
            by: None,
        };
        let stamp = Stamp {
            seq: Seq(engine.last().seq.0 + 1),
            at: moment(1),
        };
        let request = Request::new(AccountId::ADMIN, issue);
        assert_eq!(engine.apply(stamp, &request, &mut Vec::new()), Answer::Done);
        assert!(hashes.insert(engine.state_hash()), "{request:?}");
    }
}
