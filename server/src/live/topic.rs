//! A topic: the recent frames, and who waits for the next one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;

/// One or more whole events as they go over the wire, made once for all viewers.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The public sequence number before the frame.
    pub from: i64,
    /// The public sequence number after it.
    pub seq: i64,
    /// The bytes.
    pub bytes: Bytes,
}

/// How much of the past a topic keeps.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At most so many frames.
    pub frames: usize,
    /// At most so many bytes.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { frames: 256, bytes: 1 << 20 }
    }
}

/// The recent frames of a stream, and who waits for the next one.
#[derive(Default)]
pub struct Topic {
    state: Mutex<State>,
    viewers: AtomicUsize,
    limits: Limits,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The index of the first frame that is still there; indices are never used twice.
    first: u64,
    /// The public sequence number that the stream stands at.
    last: i64,
    /// What a viewer is told whose place is no longer there.
    fresh: Bytes,
    beats: u64,
    beat: Bytes,
    /// Those who wait; all are woken at once, and the generation then moves on.
    waiting: Vec<Waker>,
    generation: u64,
    closed: bool,
}

/// Where a viewer stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    next: u64,
    beats: u64,
    /// The generation and the index of the viewer's waker.
    seat: Option<(u64, usize)>,
    told_the_end: bool,
}

/// What there is for a viewer.
pub(super) enum Next {
    /// Something to send.
    Bytes(Bytes),
    /// Nothing yet; the viewer will be woken.
    Wait,
    /// Nothing any more.
    End,
}

impl Topic {
    /// A topic with other limits than usual.
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
    /// How many viewers hold a stream.
    pub fn viewers(&self) -> usize {
        self.viewers.load(Ordering::Relaxed)
    }
    /// Sends a frame to every viewer; `fresh` is what a viewer is told from now on that fell behind.
    pub fn publish(&self, frame: Frame, fresh: Bytes) {
        let waiting = {
            let mut state = self.state();
            state.bytes += frame.bytes.len();
            state.last = frame.seq;
            state.frames.push_back(frame);
            // The newest frame stays whatever its size: a viewer that is up to date must get it.
            while state.frames.len() > 1
                && (state.frames.len() > self.limits.frames || state.bytes > self.limits.bytes)
            {
                if let Some(old) = state.frames.pop_front() {
                    state.bytes -= old.bytes.len();
                    state.first += 1;
                }
            }
            state.fresh = fresh;
            state.take_waiting()
        };
        wake(waiting);
    }
    /// Says where the stream stands before anything was published, and what a viewer is told that fell behind.
    pub fn begin(&self, seq: i64, fresh: Bytes) {
        let mut state = self.state();
        (state.last, state.fresh) = (seq, fresh);
    }
    /// Shows every viewer that the stream is alive.
    pub fn beat(&self) {
        let viewers = self.viewers();
        let waiting = {
            let mut state = self.state();
            state.beats += 1;
            state.beat = Bytes::from(format!(":\n\nevent: watching\ndata: {viewers}\n\n"));
            state.take_waiting()
        };
        wake(waiting);
    }
    /// Ends every stream after what was already published.
    pub fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.closed = true;
            state.take_waiting()
        };
        wake(waiting);
    }
    /// Whether the stream can go on after a sequence number without a fresh snapshot.
    pub fn reaches_back_to(&self, seq: i64) -> bool {
        let state = self.state();
        state.frames.front().map_or(state.last, |frame| frame.from) <= seq
    }
    /// How many frames and bytes are kept.
    pub fn kept(&self) -> (usize, usize) {
        let state = self.state();
        (state.frames.len(), state.bytes)
    }

    /// A place in front of the first frame that tells something after `seq`.
    pub(super) fn place_after(&self, seq: i64) -> Place {
        let state = self.state();
        let known = state.frames.iter().take_while(|frame| frame.seq <= seq).count();
        Place { next: state.first + known as u64, beats: state.beats, seat: None, told_the_end: false }
    }
    pub(super) fn enter(&self) {
        self.viewers.fetch_add(1, Ordering::Relaxed);
    }
    /// Gives a seat back, so that a viewer who left is not kept until the next frame.
    pub(super) fn leave(&self, place: &Place) {
        self.viewers.fetch_sub(1, Ordering::Relaxed);
        let Some((generation, seat)) = place.seat else { return };
        let mut state = self.state();
        if state.generation == generation
            && let Some(waker) = state.waiting.get_mut(seat)
        {
            waker.clone_from(Waker::noop());
        }
    }
    /// What there is for a viewer at a place.
    pub(super) fn next(&self, place: &mut Place, waker: &Waker) -> Next {
        let mut state = self.state();
        if place.next < state.first {
            place.next = state.first + state.frames.len() as u64;
            place.beats = state.beats;
            return Next::Bytes(state.fresh.clone());
        }
        let index = usize::try_from(place.next - state.first).unwrap_or(usize::MAX);
        if let Some(frame) = state.frames.get(index) {
            place.next += 1;
            place.beats = state.beats;
            return Next::Bytes(frame.bytes.clone());
        }
        if state.closed && place.told_the_end {
            return Next::End;
        }
        if state.closed {
            place.told_the_end = true;
            return Next::Bytes(Bytes::from_static(b"event: bye\ndata: {}\n\n"));
        }
        if place.beats < state.beats {
            place.beats = state.beats;
            return Next::Bytes(state.beat.clone());
        }
        state.seat(place, waker);
        Next::Wait
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_waiting(&mut self) -> Vec<Waker> {
        self.generation += 1;
        // The next round most likely has as many.
        let room = self.waiting.len();
        std::mem::replace(&mut self.waiting, Vec::with_capacity(room))
    }
    fn seat(&mut self, place: &mut Place, waker: &Waker) {
        if let Some((generation, seat)) = place.seat
            && generation == self.generation
            && let Some(seated) = self.waiting.get_mut(seat)
        {
            seated.clone_from(waker);
            return;
        }
        place.seat = Some((self.generation, self.waiting.len()));
        self.waiting.push(waker.clone());
    }
}

fn wake(waiting: Vec<Waker>) {
    for waker in waiting {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seq: i64) -> Frame {
        Frame { from: seq - 1, seq, bytes: Bytes::from(format!("id: {seq}\n\n")) }
    }
    fn read(topic: &Topic, place: &mut Place) -> Vec<String> {
        let mut out = Vec::new();
        while let Next::Bytes(bytes) = topic.next(place, Waker::noop()) {
            out.push(String::from_utf8(bytes.to_vec()).unwrap());
        }
        out
    }

    #[test]
    fn a_viewer_goes_on_where_it_stopped() {
        let topic = Topic::default();
        for seq in 1..=5 {
            topic.publish(frame(seq), Bytes::from("fresh"));
        }
        let mut place = topic.place_after(3);
        assert_eq!(read(&topic, &mut place), ["id: 4\n\n", "id: 5\n\n"]);
        assert!(read(&topic, &mut place).is_empty());
        assert!(topic.reaches_back_to(0));
    }

    #[test]
    fn whoever_falls_out_of_the_ring_is_told_to_start_afresh() {
        let topic = Topic::with_limits(Limits { frames: 4, bytes: 1 << 20 });
        let mut place = topic.place_after(0);
        for seq in 1..=9 {
            topic.publish(frame(seq), Bytes::from(format!("fresh {seq}")));
        }
        assert_eq!(topic.kept().0, 4);
        assert!(!topic.reaches_back_to(4));
        assert!(topic.reaches_back_to(5));
        assert_eq!(read(&topic, &mut place), ["fresh 9"]);
        topic.publish(frame(10), Bytes::from("fresh 10"));
        assert_eq!(read(&topic, &mut place), ["id: 10\n\n"]);
    }

    #[test]
    fn the_past_is_bounded_in_bytes_too() {
        let topic = Topic::with_limits(Limits { frames: 1_000, bytes: 100 });
        for seq in 1..=50 {
            topic.publish(Frame { bytes: Bytes::from(vec![b'x'; 40]), ..frame(seq) }, Bytes::new());
        }
        assert_eq!(topic.kept(), (2, 80));
    }

    #[test]
    fn waiting_twice_takes_one_seat_and_closing_ends_what_was_sent() {
        let topic = Topic::default();
        let mut place = topic.place_after(0);
        for _ in 0..3 {
            assert!(matches!(topic.next(&mut place, Waker::noop()), Next::Wait));
        }
        assert_eq!(topic.state().waiting.len(), 1);
        topic.publish(frame(1), Bytes::new());
        topic.close();
        assert_eq!(read(&topic, &mut place), ["id: 1\n\n", "event: bye\ndata: {}\n\n"]);
        assert!(matches!(topic.next(&mut place, Waker::noop()), Next::End));
    }
}
