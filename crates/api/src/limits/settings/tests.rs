use super::*;

#[test]
fn a_limit_is_set_by_its_name() {
    let mut limits = Limits::default();
    for setting in [
        "orders=5",
        "cancels=7:9",
        "reads=1:1",
        "staff=8",
        "public=3",
        "failures=2",
        "connections=11",
        "connections_per_address=12",
        "streams=13",
        "streams_per_address=14",
        "stream_interval_ms=100",
        "address_header=X-Real-IP",
    ] {
        limits.set(setting).expect(setting);
    }
    assert_eq!(
        limits.orders,
        Rate::new(5, 10),
        "two seconds' worth at once"
    );
    assert_eq!(limits.cancels, Rate::new(7, 9));
    assert_eq!(limits.reads, Rate::new(1, 1));
    assert_eq!(limits.staff, Rate::new(8, 16));
    assert_eq!(limits.public, Rate::new(3, 6));
    assert_eq!(limits.failures, Rate::new(2, 4));
    let counts = [
        limits.connections,
        limits.connections_per_address,
        limits.streams,
        limits.streams_per_address,
    ];
    assert_eq!(counts, [11, 12, 13, 14]);
    assert_eq!(limits.stream_interval.as_millis(), 100);
    let header = limits.address_header.expect("a header");
    assert_eq!(header, "x-real-ip");
}

#[test]
fn a_limit_that_is_none_is_refused_in_words() {
    for (setting, part) in [
        ("orders", "NAME=VALUE"),
        ("order=5", "there are orders, cancels"),
        ("orders=0", "orders: \"0\""),
        ("orders=5:0", "orders: \"0\""),
        ("orders=4294967296", "orders: "),
        ("orders=-1", "orders: "),
        ("streams=0", "streams: \"0\""),
        ("streams=5:6", "streams: "),
        ("stream_interval_ms=0", "stream_interval_ms: \"0\""),
        ("address_header=a b", "no header's name"),
    ] {
        let fault = Limits::default().set(setting).expect_err(setting);
        assert!(fault.contains(part), "{setting}: {fault}");
    }
}
