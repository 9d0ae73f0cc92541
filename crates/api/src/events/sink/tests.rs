use super::*;
use tokio::time::Instant;

fn frame(bytes: usize) -> Bytes {
    vec![b'x'; bytes].into()
}

#[tokio::test(start_paused = true)]
async fn so_much_waits_behind_a_stream_and_no_more() {
    let (sink, mut frames) = sink();
    for _ in 0..64 {
        assert!(sink.send(frame(1_024)).await.is_ok());
    }
    let start = Instant::now();
    assert!(sink.send(frame(1)).await.is_err(), "one byte more");
    assert_eq!(start.elapsed(), STALL_TIME);
    assert_eq!(frames.next().await, Some(frame(1_024)));
    assert!(sink.send(frame(1_024)).await.is_ok(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_longer_than_the_room_has_it_alone() {
    let (sink, mut frames) = sink();
    assert!(sink.send(frame(STREAM_BYTES * 2)).await.is_ok());
    assert!(sink.send(frame(1)).await.is_err());
    assert_eq!(
        frames.next().await.map(|frame| frame.len()),
        Some(STREAM_BYTES * 2)
    );
    assert!(sink.send(frame(1)).await.is_ok());
}
