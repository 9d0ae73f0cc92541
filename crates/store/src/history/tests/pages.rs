//! Lists as chains of rows: where a page starts, and what holds the chain together.

use crate::database::Sql;
use crate::history::orders::OrderRow;
use crate::history::stretch::Stretch;
use crate::projection::write::ends::TableEnds;
use crate::testing::mark;

use super::*;

/// Alice's orders 1, 3 and 5 are in one market and 2, 4 and 6 in another; Bob's is 7.
fn taking_turns() -> Run {
    let mut run = Run::started();
    for limit in [1_000, 2_000, 3_000] {
        run.done(ALICE, place(order(VISITORS, YES, Side::Buy, 10, limit)));
        run.done(ALICE, place(order(SUMMIT, YES, Side::Buy, 10, 9_000)));
    }
    run.done(BOB, place(order(VISITORS, YES, Side::Buy, 10, 1_000)));
    run
}

#[tokio::test]
async fn a_page_starts_after_a_row_of_its_own_list_alone() {
    let run = taking_turns();
    for store in projected(&run).await {
        let orders = async |account, market, after| {
            let list = store.orders_of(account, market, Page::after(after, 9));
            let list = list.await.unwrap();
            list.iter().map(|order| order.id.0).collect::<Vec<_>>()
        };
        assert_eq!(orders(ALICE, None, 4).await, [3, 2, 1]);
        assert_eq!(orders(ALICE, Some(SUMMIT), 4).await, [2]);
        assert_eq!(orders(ALICE, None, 1).await, [0; 0]);
        // Bob's order, Alice's in another market, and orders that nobody placed.
        assert_eq!(orders(ALICE, None, 7).await, [0; 0]);
        assert_eq!(orders(BOB, None, 4).await, [0; 0]);
        assert_eq!(orders(ALICE, Some(VISITORS), 4).await, [0; 0]);
        for nobodys in [0, 8, -1, i64::MAX, i64::MIN] {
            assert_eq!(orders(ALICE, None, nobodys).await, [0; 0]);
        }
        let own = store.fills_of(ALICE, None, Page::top(9)).await.unwrap();
        let fill = own[1].key;
        let fills = async |account, market| {
            let list = store.fills_of(account, market, Page::after(fill, 9));
            list.await.unwrap().len()
        };
        assert_eq!(fills(ALICE, None).await, own.len() - 2);
        assert_eq!(fills(ALICE, Some(SUMMIT)).await, own.len() - 2);
        assert_eq!(fills(ALICE, Some(VISITORS)).await, 0);
        assert_eq!(fills(BOB, None).await, 0);
        let moved = store.ledger_of(ALICE, Page::top(9)).await.unwrap();
        let entries = async |account| {
            let list = store.ledger_of(account, Page::after(moved[0].key, 9));
            list.await.unwrap().len()
        };
        assert_eq!(entries(ALICE).await, moved.len() - 1);
        assert_eq!(entries(BOB).await, 0);
    }
}

#[tokio::test]
async fn a_page_has_no_more_rows_than_were_asked_for() {
    let run = taking_turns();
    for store in projected(&run).await {
        for limit in 0..8 {
            let orders = store.orders_of(ALICE, None, Page::top(limit)).await;
            assert_eq!(orders.unwrap().len() as u32, limit.min(6));
        }
    }
}

#[tokio::test]
async fn lists_go_on_whether_their_ends_are_remembered_or_read_again() {
    let mut dice = Dice(0xe4d5);
    let mut run = Run::started();
    for _ in 0..300 {
        trade(&mut run, &mut dice);
    }
    for store in stores().await {
        project_in_stretches(&store, &run, 11).await;
        let remembered = dump(&store).await;
        store.unproject().await.unwrap();
        for (turn, records) in run.records.chunks(11).enumerate() {
            match turn % 3 {
                0 => *store.ends.lock().await = TableEnds::default(),
                // A projection that is refused has not moved anything.
                1 => {
                    let early = run.records.len() as u64 + 100;
                    let mut record = (*run.records[0]).clone();
                    record.stamp.seq = Seq(early);
                    let projection = Projection::new(&[record], &[]);
                    let refused = store.project(&projection, &mark(Seq(early))).await;
                    assert!(refused.is_err());
                }
                _ => {}
            }
            let seqs = records[0].stamp.seq..=records[records.len() - 1].stamp.seq;
            let odds = run.odds.iter().filter(|point| seqs.contains(&point.seq));
            let projection = Projection::new(records, &odds.cloned().collect::<Vec<_>>());
            testing::project(&store, &projection).await.unwrap();
        }
        assert!(dump(&store).await == remembered);
    }
}

/// What of each list a reader sees, in all markets and in each: its keys.
async fn seen(store: &Store) -> Vec<Vec<i64>> {
    let mut seen = Vec::new();
    let until = Stretch {
        from: None,
        to: Some(Timestamp::from_micros(i64::MAX / 2)),
    };
    for account in [ALICE, BOB, CAROL] {
        for market in [None, Some(VISITORS), Some(SUMMIT)] {
            for stretch in [Stretch::ALL, until] {
                let page = Page::top(2_000);
                let orders = store.orders_in(account, market, stretch, page).await;
                seen.push(orders.unwrap().iter().map(OrderRow::key).collect());
                let fills = store.fills_in(account, market, stretch, page).await;
                seen.push(fills.unwrap().iter().map(|fill| fill.key).collect());
                let entries = store.ledger_in(account, market, stretch, page).await;
                seen.push(entries.unwrap().iter().map(|entry| entry.key).collect());
            }
        }
    }
    seen
}

#[tokio::test]
async fn lists_are_read_to_their_ends_while_these_are_not_written() {
    let mut dice = Dice(0x10be);
    let mut run = Run::started();
    for _ in 0..200 {
        trade(&mut run, &mut dice);
    }
    for store in stores().await {
        let mut unwritten = 0;
        for (turn, records) in run.records.chunks(9).enumerate() {
            let projection = Projection::new(records, &[]);
            testing::project(&store, &projection).await.unwrap();
            if turn % 4 != 3 {
                continue;
            }
            let by_who_wrote = seen(&store).await;
            let known = std::mem::take(&mut *store.unwritten.write().unwrap());
            // Another process, which has only the tables.
            let by_others = seen(&store).await;
            assert!(by_who_wrote == by_others, "after {turn} stretches");
            let table = "last_rows_in_market";
            let sql = format!("SELECT count(*) AS lists FROM {table}");
            let before = store.database.run(Part::Derived, sql.clone()).await;
            *store.unwritten.write().unwrap() = known;
            if turn % 8 == 7 {
                store.complete_ends().await.unwrap();
                let after = store.database.run(Part::Derived, sql).await;
                let lists = |rows: &[Row]| rows[0].int("lists").unwrap().unwrap();
                unwritten += lists(&after) - lists(&before);
                assert!(seen(&store).await == by_who_wrote, "after {turn} stretches");
            }
        }
        // Else nothing of this was shown.
        assert!(unwritten > 0);
    }
}

/// A server that stops writes its ends when another one may write history already.
#[tokio::test]
async fn ends_that_another_server_moves_on_meanwhile_are_not_replaced_by_older_ones() {
    let Some(server) = crate::testing::server() else {
        return;
    };
    let address = server.database().unwrap();
    let (newer, older) = (
        Store::open(&address).await.unwrap(),
        Store::open(&address).await.unwrap(),
    );
    let run = taking_turns();
    project_in_stretches(&newer, &run, run.records.len()).await;
    let mut write = newer.database.begin(Part::Derived).await.unwrap();
    // As a stretch does: the cursor first, then the ends.
    for change in [
        "UPDATE projected SET last_seq = last_seq + 1, ends_order = 999, ends_fill = 999, ends_entry = 999",
        "INSERT INTO last_rows (account, order_id, balance) SELECT DISTINCT account, 999, 0 FROM orders
         ON CONFLICT (account) DO UPDATE SET order_id = 999",
    ] {
        write.change(Sql::both(change), &[]).await.unwrap();
    }
    let stopping = tokio::spawn(async move {
        let done = older.complete_ends().await;
        older.close().await;
        done
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    write.commit().await.unwrap();
    stopping.await.unwrap().unwrap();
    let sql = "SELECT min(order_id) AS least FROM last_rows WHERE account IN (SELECT account FROM orders)";
    let rows = newer.database.run(Part::Derived, sql.to_owned()).await;
    assert_eq!(rows[0].int("least").unwrap(), Some(999));
    newer.close().await;
}
