//! Effects as the scripts read them.

use crate::effect::{Delivery, Effect, Report, Timer, Token};
use cuehook_json::{write_rounded, write_string};

/// Effects as JSON text: a list of lists that begin with a word.
#[derive(Default)]
pub struct Output(String);

impl Output {
    /// The text.
    pub fn done(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('[');
        }
        self.0.push(']');
        self.0
    }

    /// Begins an effect.
    fn begin(&mut self, word: &str) -> &mut Self {
        self.0.push_str(if self.0.is_empty() { "[[\"" } else { ",[\"" });
        self.0.push_str(word);
        self.0.push('"');
        self
    }

    fn end(&mut self) {
        self.0.push(']');
    }

    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push(',');
        self.0.push_str(text);
        self
    }

    fn number(&mut self, number: f64) -> &mut Self {
        self.0.push(',');
        write_rounded(number, &mut self.0);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.push(',');
        write_string(text, &mut self.0);
        self
    }

    fn truth(&mut self, truth: bool) -> &mut Self {
        self.raw(if truth { "true" } else { "false" })
    }

    fn list<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> &mut Self {
        self.raw("[");
        write_list(texts, &mut self.0);
        self.0.push(']');
        self
    }

    /// Pairs of texts.
    fn pairs(&mut self, pairs: &[(String, String)]) -> &mut Self {
        self.raw("[");
        for (place, (one, other)) in pairs.iter().enumerate() {
            self.0.push_str(if place > 0 { ",[" } else { "[" });
            write_list([&**one, other].into_iter(), &mut self.0);
            self.0.push(']');
        }
        self.0.push(']');
        self
    }

    fn request(&mut self, delivery: &Delivery) -> &mut Self {
        self.text(&delivery.url).pairs(&delivery.headers).text(&delivery.body)
    }

    fn token(&mut self, token: Token) -> &mut Self {
        self.number(f64::from(token as u8))
    }

    /// What the page may look at.
    pub fn state(&mut self, state: &str) {
        self.begin("state").raw(state).end();
    }

    /// Something is wrong that a developer should know of.
    pub fn warn(&mut self, code: &str, message: &str) {
        self.begin("warn").text(code).text(message).end();
    }

    /// The event that somebody waits for has this id.
    pub fn named(&mut self, ticket: u32, id: &str) {
        self.begin("named").number(ticket.into()).text(id).end();
    }

    /// Whoever waits needs not wait any longer.
    pub fn settle(&mut self, ticket: u32, result: Result<(), (&str, &str)>) {
        self.begin("settle").number(ticket.into());
        if let Err((code, message)) = result {
            self.text(code).text(message);
        }
        self.end();
    }

    /// Something to do. `source` is where the page hears of reports.
    pub fn effect(&mut self, effect: Effect, source: u32) {
        match effect {
            Effect::Read { ticket, prefix, after, limit } => {
                #[allow(clippy::cast_precision_loss)]
                let limit = limit as f64;
                self.begin("read").number(ticket.into()).text(prefix).text(&after).number(limit)
            }
            Effect::Write { ticket, guard, puts, deletes, strict } => {
                self.begin("write").number(ticket.into());
                match guard {
                    Some((key, Some(value))) => self.list([&*key, &*value].into_iter()),
                    Some((key, None)) => {
                        self.raw("[");
                        write_string(&key, &mut self.0);
                        self.raw("null]")
                    }
                    None => self.raw("null"),
                };
                self.pairs(&puts).list(deletes.iter().map(String::as_str)).truth(strict)
            }
            Effect::Lock { steal } => self.begin("lock").truth(steal),
            Effect::Unlock => self.begin("unlock"),
            Effect::Send(delivery) => {
                self.begin("send").number(delivery.number.into()).request(&delivery);
                self.truth(delivery.keepalive).number(delivery.timeout_ms).token(delivery.token)
            }
            Effect::Abort(number) => self.begin("abort").number(number.into()),
            Effect::Later(deliveries) => {
                self.begin("later").raw("[");
                for (place, delivery) in deliveries.iter().enumerate() {
                    // A list begins with an item: its number, for want of a better one.
                    self.0.push_str(if place > 0 { ",[0" } else { "[0" });
                    self.request(delivery).token(delivery.token).end();
                }
                self.0.push(']');
                self
            }
            Effect::StartTimer { timer, after_ms } => self.begin("timer").text(word(timer)).number(after_ms),
            Effect::StopTimer(timer) => self.begin("stop").text(word(timer)),
            Effect::Settle { ticket, result } => {
                self.settle(ticket, result.as_ref().copied().map_err(|(code, message)| (*code, &**message)));
                return;
            }
            Effect::Restore(record) => self.begin("restore").text(&record),
            Effect::Report(report) => self.begin("report").number(source.into()).report(&report),
            Effect::Session(id) => self.begin("session").text(&id),
        }
        .end();
    }

    /// The `detail` of `cuehook:delivery`.
    fn report(&mut self, report: &Report) -> &mut Self {
        self.raw("{\"state\":\"");
        self.0.extend([report.state.as_str(), "\",\"webhook\":"]);
        write_string(&report.webhook, &mut self.0);
        self.0.push_str(",\"events\":[");
        write_list(report.events.iter().map(String::as_str), &mut self.0);
        self.0.push_str("],\"attempts\":");
        write_rounded(report.attempts.into(), &mut self.0);
        for (name, number) in
            [(",\"status\":", report.status.map(f64::from)), (",\"nextMs\":", report.next_ms)]
        {
            if let Some(number) = number {
                self.0.push_str(name);
                write_rounded(number, &mut self.0);
            }
        }
        if let Some(kind) = &report.kind {
            self.0.push_str(",\"type\":");
            write_string(kind, &mut self.0);
        }
        if let Some(reason) = report.reason {
            self.0.extend([",\"reason\":\"", reason, "\""]);
        }
        self.0.push('}');
        self
    }
}

fn write_list<'a>(texts: impl Iterator<Item = &'a str>, out: &mut String) {
    for (place, text) in texts.enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_string(text, out);
    }
}

const fn word(timer: Timer) -> &'static str {
    match timer {
        Timer::Due => "due",
        Timer::Lease => "lease",
        Timer::Later => "later",
    }
}
