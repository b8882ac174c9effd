//! The rules of the lease, one test each.

mod own;
mod seeking;

use super::*;
use crate::engine::input::RequestId;

const PLAYING: Media =
    Media { time: 5.0, duration: Some(30.0), paused: false, ended: false, seeking: false, detached: false };
/// The first `play()`; the scene numbers each as if it were.
const PLAY: PlaybackStep = PlaybackStep::Play(1);
const PAUSED: Media = Media { paused: true, ..PLAYING };
const ENDED: Media = Media { ended: true, ..PAUSED };

#[derive(Default)]
struct PlaybackScene {
    playback: Playback,
}

impl PlaybackScene {
    /// For an element that is there from second 3 to second 8.
    fn take(&mut self, request: RequestId, media: Media) -> Vec<PlaybackStep> {
        self.take_in(request, Some(3.0..8.0), media)
    }

    fn take_in(&mut self, request: RequestId, range: Option<Range<f64>>, media: Media) -> Vec<PlaybackStep> {
        self.steps(media, |playback, steps| playback.take(Holder::Request(request), range, media, steps))
    }

    /// What an input leads to, without the timer of `play()`.
    fn steps(
        &mut self,
        media: Media,
        change: impl FnOnce(&mut Playback, &mut Vec<PlaybackStep>),
    ) -> Vec<PlaybackStep> {
        let mut steps = Vec::new();
        self.playback.observe(media, &mut steps);
        change(&mut self.playback, &mut steps);
        steps.retain(|step| !matches!(step, PlaybackStep::AwaitPlay | PlaybackStep::ForgetPlay));
        for step in &mut steps {
            if let PlaybackStep::Play(play) = step {
                *play = 1;
            }
        }
        steps
    }

    fn release(&mut self, request: RequestId, media: Media) -> Vec<PlaybackStep> {
        self.steps(media, |playback, steps| playback.release(Holder::Request(request), media, steps))
    }

    fn media(&mut self, event: MediaEvent, media: Media) -> Vec<PlaybackStep> {
        self.steps(media, |playback, steps| {
            playback.media(event, media, steps);
        })
    }

    fn settled(&mut self, outcome: PlayOutcome, media: Media) -> Vec<PlaybackStep> {
        let play = self.playback.last_play;
        self.steps(media, |playback, steps| playback.play_settled(play, outcome, media, steps))
    }

    /// A scene in which request 1 has paused the video.
    fn paused_for_request() -> Self {
        let mut scene = PlaybackScene::default();
        assert_eq!(scene.take(1, PLAYING), [PlaybackStep::Pause, PlaybackStep::Paused(Holder::Request(1))]);
        assert_eq!(scene.media(MediaEvent::Pause, PAUSED), []);
        scene
    }
}

#[test]
fn pauses_and_resumes() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(scene.release(1, PAUSED), [PLAY]);
    assert_eq!(scene.media(MediaEvent::Play, PLAYING), []);
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)]
    );
    assert_eq!(scene.release(1, PLAYING), [], "released only once");
}

#[test]
fn a_paused_video_stays_paused() {
    let mut scene = PlaybackScene::default();
    assert_eq!(scene.take(1, PAUSED), []);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::WasPaused)]
    );
    let mut scene = PlaybackScene::default();
    assert_eq!(scene.take(1, ENDED), []);
    assert_eq!(
        scene.release(1, ENDED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::WasPaused)]
    );
}

#[test]
fn the_viewer_wins() {
    for (event, media, reason) in [
        (MediaEvent::Play, PLAYING, ResumeReason::ViewerPlayed),
        (MediaEvent::SourceChanged, PAUSED, ResumeReason::SourceChanged),
        (MediaEvent::Ended, ENDED, ResumeReason::Ended),
    ] {
        // Whatever state the video is in when the answer arrives, it is the viewer's.
        for later in [PAUSED, PLAYING] {
            let mut scene = PlaybackScene::paused_for_request();
            assert_eq!(scene.media(event, media), []);
            assert_eq!(scene.release(1, later), [PlaybackStep::Released(Holder::Request(1), reason)]);
        }
    }
}

#[test]
fn a_viewer_who_played_and_paused_again_stays_paused() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Play, PLAYING);
    scene.media(MediaEvent::Pause, PAUSED);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn sees_what_no_event_has_told_yet() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(
        scene.release(1, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn what_is_reported_late_voids_nothing() {
    // The viewer played and sought, then clicked; the events of that arrive after our pause.
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    scene.media(MediaEvent::Play, PAUSED);
    scene.media(MediaEvent::Seeking, PAUSED);
    scene.media(MediaEvent::Pause, PAUSED);
    assert_eq!(scene.release(1, PAUSED), [PLAY]);
}

#[test]
fn a_player_that_pauses_slowly_is_not_taken_for_a_viewer_who_plays() {
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    assert_eq!(scene.release(1, PLAYING), [PLAY]);
}

#[test]
fn leases_nest() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(scene.take(2, PAUSED), [], "already paused for us");
    assert_eq!(scene.release(1, PAUSED), [PlaybackStep::Released(Holder::Request(1), ResumeReason::Held)]);
    assert_eq!(scene.release(2, PAUSED), [PLAY]);
}

#[test]
fn pauses_once_for_two_requests_that_start_together() {
    // The second one starts before the first one's pause has been carried out, as in a listener of the page.
    let mut scene = PlaybackScene::default();
    assert_eq!(scene.take(1, PLAYING), [PlaybackStep::Pause, PlaybackStep::Paused(Holder::Request(1))]);
    assert_eq!(scene.take(2, PLAYING), [], "paused already, though the element does not know yet");
    scene.media(MediaEvent::Pause, PAUSED);
    scene.media(MediaEvent::Play, PLAYING);
    scene.media(MediaEvent::Pause, PAUSED);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
    assert_eq!(
        scene.release(2, PAUSED),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn an_action_that_pauses_again_hides_no_viewer() {
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    let steps = scene.steps(PLAYING, |playback, steps| playback.pause_by_action(PLAYING, steps));
    assert_eq!(steps, [], "paused already");
    scene.media(MediaEvent::Pause, PAUSED);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ActionPaused)]
    );
}

#[test]
fn a_project_that_pauses_and_then_waits_stays_paused() {
    // Both actions in one chain: the pause has not been carried out when the request starts.
    let mut scene = PlaybackScene::default();
    let steps = scene.steps(PLAYING, |playback, steps| playback.pause_by_action(PLAYING, steps));
    assert_eq!(steps, [PlaybackStep::Pause]);
    assert_eq!(scene.take(1, PLAYING), []);
    scene.media(MediaEvent::Pause, PAUSED);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::WasPaused)]
    );
}

#[test]
fn pauses_again_after_a_pause_that_its_own_play_overtook() {
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    assert_eq!(scene.release(1, PLAYING), [PLAY]);
    scene.settled(PlayOutcome::Playing, PLAYING);
    assert_eq!(scene.take(2, PLAYING), [PlaybackStep::Pause, PlaybackStep::Paused(Holder::Request(2))]);
}

#[test]
fn a_player_may_take_its_time_to_pause() {
    // Two seconds pass before it stands still: nobody has sought.
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    let there = Media { time: 7.0, ..PAUSED };
    scene.media(MediaEvent::Pause, there);
    assert_eq!(scene.release(1, there), [PLAY]);
}

#[test]
fn a_lease_taken_after_the_viewer_played_is_a_new_one() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Play, PLAYING);
    assert_eq!(scene.take(2, PLAYING), [PlaybackStep::Pause, PlaybackStep::Paused(Holder::Request(2))]);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
    assert_eq!(scene.release(2, PAUSED), [PLAY]);
}

#[test]
fn never_pauses_while_its_own_play_is_pending() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(scene.release(1, PAUSED), [PLAY]);
    assert_eq!(scene.take(2, PLAYING), [PlaybackStep::Paused(Holder::Request(2))], "owed, not done");
    assert_eq!(scene.media(MediaEvent::Play, PLAYING), [], "our own event voids nothing");
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed), PlaybackStep::Pause]
    );
    assert_eq!(scene.release(2, PAUSED), [PLAY]);
}

#[test]
fn an_owed_pause_is_forgotten_when_its_request_settles_first() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.take(2, PLAYING);
    assert_eq!(scene.release(2, PLAYING), []);
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [
            PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed),
            PlaybackStep::Released(Holder::Request(2), ResumeReason::Resumed)
        ]
    );
}

#[test]
fn a_viewer_who_pauses_while_a_pause_is_owed_stays_paused() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.take(2, PLAYING);
    scene.media(MediaEvent::Play, PLAYING);
    let interrupted = PlaybackStep::Released(Holder::Request(1), ResumeReason::Interrupted);
    assert_eq!(scene.media(MediaEvent::Pause, PAUSED), [interrupted]);
    assert_eq!(scene.settled(PlayOutcome::Interrupted, PAUSED), [], "so it says, too");
    assert_eq!(
        scene.release(2, PAUSED),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::ViewerPaused)]
    );
}

#[test]
fn a_refused_play_asks_the_viewer_once() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    assert_eq!(
        scene.settled(PlayOutcome::Blocked, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Blocked), PlaybackStep::Blocked]
    );
    let steps = scene.steps(PAUSED, |playback, steps| playback.play_by_action(PAUSED, steps));
    assert_eq!(steps, [PLAY]);
    assert_eq!(scene.settled(PlayOutcome::Blocked, PAUSED), [], "asked already");
    assert_eq!(scene.media(MediaEvent::Play, PLAYING), [PlaybackStep::Unblocked]);
}

#[test]
fn an_action_of_the_project_voids_by_name() {
    let mut scene = PlaybackScene::paused_for_request();
    let steps = scene.steps(PAUSED, |playback, steps| playback.pause_by_action(PAUSED, steps));
    assert_eq!(steps, []);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ActionPaused)]
    );

    let mut scene = PlaybackScene::paused_for_request();
    let steps = scene.steps(PAUSED, |playback, steps| playback.play_by_action(PAUSED, steps));
    assert_eq!(steps, [PLAY]);
    assert_eq!(scene.media(MediaEvent::Play, PLAYING), []);
    assert_eq!(
        scene.release(1, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ActionPlayed)]
    );
}

#[test]
fn our_own_seek_keeps_the_lease() {
    let mut scene = PlaybackScene::paused_for_request();
    let steps = scene.steps(PAUSED, |playback, steps| playback.seek_by_action(90.0, PAUSED, steps));
    assert_eq!(steps, [PlaybackStep::Seek(30.0)], "not beyond the end");
    scene.steps(PAUSED, |playback, steps| playback.seek_by_action(12.0, PAUSED, steps));
    let there = Media { time: 12.0, ..PAUSED };
    scene.media(MediaEvent::Seeking, Media { seeking: true, ..there });
    scene.media(MediaEvent::Seeking, Media { seeking: true, ..there });
    scene.media(MediaEvent::Time, there);
    assert_eq!(scene.release(1, there), [PLAY]);
}

#[test]
fn a_video_without_data_has_another_source() {
    let mut scene = PlaybackScene::paused_for_request();
    let unknown = Media { time: 0.0, duration: None, ..PAUSED };
    assert_eq!(
        scene.release(1, unknown),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::SourceChanged)]
    );
}

#[test]
fn only_a_source_after_another_is_another_source() {
    let nothing = Media { time: 0.0, duration: None, ..PAUSED };
    let mut playback = Playback::default();
    let mut changed = |event, media| {
        let mut steps = Vec::new();
        playback.observe(media, &mut steps);
        playback.media(event, media, &mut steps)
    };
    assert!(!changed(MediaEvent::SourceChanged, nothing), "the first");
    assert!(!changed(MediaEvent::Time, PAUSED));
    assert!(changed(MediaEvent::SourceChanged, nothing), "`emptied`");
    assert!(!changed(MediaEvent::SourceChanged, nothing), "`loadstart` of the same");
    let live = Media { time: 2.0, duration: None, ..PLAYING };
    assert!(!changed(MediaEvent::Time, live));
    assert!(changed(MediaEvent::SourceChanged, nothing), "a live stream has no duration");
}

#[test]
fn ending_gives_everything_back() {
    let mut scene = PlaybackScene::paused_for_request();
    let steps = scene.steps(PAUSED, |playback, steps| playback.end(PAUSED, steps));
    assert_eq!(steps, [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed), PLAY]);

    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Play, PLAYING);
    let steps = scene.steps(PLAYING, |playback, steps| playback.end(PLAYING, steps));
    assert_eq!(steps, [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]);
}

#[test]
fn what_is_not_in_the_document_is_never_played() {
    let removed = Media { detached: true, ..PAUSED };
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(
        scene.release(1, removed),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Removed)]
    );
    assert_eq!(scene.steps(removed, |playback, steps| playback.play_by_action(removed, steps)), []);
    let mut scene = PlaybackScene::paused_for_request();
    let steps = scene.steps(removed, |playback, steps| playback.end(removed, steps));
    assert_eq!(steps, [PlaybackStep::Released(Holder::Request(1), ResumeReason::Removed)]);
    // Nor is it paused.
    let mut scene = PlaybackScene::default();
    let playing = Media { detached: true, ..PLAYING };
    assert_eq!(scene.take(1, playing), []);
    assert_eq!(
        scene.release(1, playing),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Removed)]
    );
    // It comes back: whoever put it there decides.
    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Time, removed);
    assert_eq!(scene.release(1, PAUSED), [PlaybackStep::Released(Holder::Request(1), ResumeReason::Removed)]);
}

#[test]
fn a_play_that_never_settles_holds_back_no_pause_for_long() {
    let mut scene = PlaybackScene::paused_for_request();
    let mut steps = Vec::new();
    scene.playback.release(1, PAUSED, &mut steps);
    assert_eq!(steps, [PlaybackStep::AwaitPlay, PLAY]);
    scene.take(2, PLAYING);
    // Either the element says that it plays…
    assert_eq!(
        scene.media(MediaEvent::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed), PlaybackStep::Pause]
    );
    assert_eq!(scene.settled(PlayOutcome::Interrupted, PAUSED), [], "nobody waits for it any more");
    // …or it has had its time.
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.take(2, PLAYING);
    assert_eq!(
        scene.steps(PLAYING, |playback, steps| playback.play_overdue(PLAYING, steps)),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed), PlaybackStep::Pause]
    );
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    assert_eq!(
        scene.steps(PAUSED, |playback, steps| playback.play_overdue(PAUSED, steps)),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Failed)]
    );
}

#[test]
fn a_promise_that_settles_late_says_nothing_of_the_next_play() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.media(MediaEvent::Play, PLAYING);
    scene.media(MediaEvent::Playing, PLAYING);
    scene.take(2, PLAYING);
    scene.media(MediaEvent::Pause, PAUSED);
    scene.release(2, PAUSED);
    let first = scene.steps(PLAYING, |playback, steps| {
        playback.play_settled(1, PlayOutcome::Interrupted, PLAYING, steps);
    });
    assert_eq!(first, []);
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::Resumed)]
    );
}

#[test]
fn a_pause_that_interrupts_the_promise_may_be_all_that_is_heard() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.media(MediaEvent::Play, PLAYING);
    let interrupted = PlaybackStep::Released(Holder::Request(1), ResumeReason::Interrupted);
    assert_eq!(scene.media(MediaEvent::Pause, PAUSED), [interrupted]);
    // The viewer paused it: a request that starts now does not play it.
    assert_eq!(scene.take(2, PAUSED), []);
    assert_eq!(
        scene.release(2, PAUSED),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::WasPaused)]
    );
}

#[test]
fn the_timer_of_play_ends_with_it() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    let mut steps = Vec::new();
    scene.playback.play_settled(1, PlayOutcome::Playing, PLAYING, &mut steps);
    assert_eq!(
        steps,
        [PlaybackStep::ForgetPlay, PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)]
    );
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    let mut steps = Vec::new();
    scene.playback.end(PAUSED, &mut steps);
    assert_eq!(
        steps,
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed), PlaybackStep::ForgetPlay]
    );
}

#[test]
fn a_pause_that_is_not_carried_out_yet_is_not_asked_for_twice() {
    // A listener that runs between our decision and `pause()` starts another request.
    let mut scene = PlaybackScene::default();
    assert_eq!(scene.take(1, PLAYING), [PlaybackStep::Pause, PlaybackStep::Paused(Holder::Request(1))]);
    assert_eq!(scene.take(2, PLAYING), []);
    scene.media(MediaEvent::Pause, PAUSED);
    scene.media(MediaEvent::Play, PLAYING);
    assert_eq!(
        scene.release(1, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
    assert_eq!(
        scene.release(2, PLAYING),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn a_player_that_reports_no_pause_still_reports_the_viewer() {
    let mut scene = PlaybackScene::default();
    scene.take(1, PLAYING);
    scene.media(MediaEvent::Time, PAUSED);
    scene.media(MediaEvent::Play, PLAYING);
    assert_eq!(
        scene.release(1, PAUSED),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
}
