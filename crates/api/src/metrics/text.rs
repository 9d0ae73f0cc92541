//! The text of metrics, version 0.0.4: a family with its help and type, and its samples.

use std::fmt::Write as _;

use tidings_exchange::meter::Classes;

/// A document that is being written.
#[derive(Default)]
pub(super) struct Text {
    written: String,
    family: &'static str,
}

/// What kind of numbers a family has.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Names and values of a sample. The values are words of this program: none has to be escaped.
type Labels<'a> = &'a [(&'static str, &'a str)];

impl Text {
    /// Begins a family; the samples after it are its own.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.family = name;
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// A family of one number.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str, value: u64) {
        self.family(name, Kind::Gauge, help);
        self.sample("", &[], value);
    }

    /// A sample of the family, whose name may have an ending.
    pub(super) fn sample(&mut self, ending: &str, labels: Labels<'_>, value: u64) {
        self.named(ending, labels, None);
        self.line(format_args!(" {value}"));
    }

    /// A sample that is a part of something: `value / of`, which is 1 or a power of ten.
    pub(super) fn fraction(&mut self, ending: &str, labels: Labels<'_>, value: u64, of: u64) {
        self.named(ending, labels, None);
        self.line(format_args!(" {}", Fraction(value, of)));
    }

    /// A histogram's samples; its bounds and its sum are parts of `of`.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, classes: &Classes, of: u64) {
        for (bound, count) in &classes.up_to {
            self.named("_bucket", labels, Some(&Fraction(*bound, of).to_string()));
            self.line(format_args!(" {count}"));
        }
        self.named("_bucket", labels, Some("+Inf"));
        self.line(format_args!(" {}", classes.count));
        self.fraction("_sum", labels, classes.sum, of);
        self.sample("_count", labels, classes.count);
    }

    /// The document.
    pub(super) fn written(self) -> String {
        self.written
    }

    fn named(&mut self, ending: &str, labels: Labels<'_>, bound: Option<&str>) {
        self.written.push_str(self.family);
        self.written.push_str(ending);
        let labels = labels.iter().copied();
        let all: Vec<String> = labels
            .chain(bound.map(|bound| ("le", bound)))
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        if !all.is_empty() {
            let _written = write!(self.written, "{{{}}}", all.join(","));
        }
    }

    fn line(&mut self, rest: std::fmt::Arguments<'_>) {
        // Writing to a text never fails.
        let _written = writeln!(self.written, "{rest}");
    }
}

/// A whole number of parts of a power of ten, exactly.
struct Fraction(u64, u64);

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fraction(value, of) = *self;
        let digits = of.ilog10() as usize;
        write!(f, "{}", value / of)?;
        match value % of {
            0 => Ok(()),
            rest => {
                let rest = format!("{rest:0digits$}");
                write!(f, ".{}", rest.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_ends_with_all() {
        let mut text = Text::default();
        text.family("took_seconds", Kind::Histogram, "How long.");
        let classes = Classes {
            up_to: vec![(250, 1), (1_000_000, 3)],
            count: 4,
            sum: 7_000_250,
        };
        text.histogram(&[("route", "/v1/orders")], &classes, 1_000_000);
        assert_eq!(
            text.written(),
            "# HELP took_seconds How long.\n\
             # TYPE took_seconds histogram\n\
             took_seconds_bucket{route=\"/v1/orders\",le=\"0.00025\"} 1\n\
             took_seconds_bucket{route=\"/v1/orders\",le=\"1\"} 3\n\
             took_seconds_bucket{route=\"/v1/orders\",le=\"+Inf\"} 4\n\
             took_seconds_sum{route=\"/v1/orders\"} 7.00025\n\
             took_seconds_count{route=\"/v1/orders\"} 4\n"
        );
    }
}
