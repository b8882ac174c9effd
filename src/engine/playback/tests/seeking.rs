//! Seeks of the viewer while a request holds the video. Elements are there from second 3 to second 8.

use super::*;

const MOVING: Media = Media { seeking: true, ..PAUSED };
const INSIDE: Media = Media { time: 7.9, ..PAUSED };
const OUTSIDE: Media = Media { time: 8.0, ..PAUSED };
const GIVEN_BACK: PlaybackStep = PlaybackStep::Released(Holder::Request(1), ResumeReason::Seeked);

impl PlaybackScene {
    /// The viewer seeks, and the element gets there.
    fn seek(&mut self, there: Media) -> Vec<PlaybackStep> {
        let mut steps = self.media(MediaEvent::Seeking, Media { seeking: true, ..there });
        steps.extend(self.media(MediaEvent::Time, there));
        steps
    }

    fn timer(&mut self, media: Media) -> Vec<PlaybackStep> {
        self.steps(media, |playback, steps| playback.seek_settled(media, steps))
    }
}

#[test]
fn inside_the_range_the_lease_goes_on() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(scene.seek(INSIDE), [PlaybackStep::AwaitSeek]);
    assert!(scene.playback.viewer_seeks());
    assert_eq!(scene.timer(INSIDE), [PlaybackStep::ForgetSeek]);
    assert!(!scene.playback.viewer_seeks() && scene.playback.is_held());
    assert_eq!(scene.release(1, INSIDE), [PLAY]);
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)]
    );
}

#[test]
fn outside_it_is_given_back_and_the_video_plays_on_from_there() {
    for there in [OUTSIDE, Media { time: 2.9, ..PAUSED }] {
        let mut scene = PlaybackScene::paused_for_request();
        scene.seek(there);
        assert_eq!(scene.timer(there), [PlaybackStep::ForgetSeek, GIVEN_BACK, PLAY]);
        assert_eq!(scene.settled(PlayOutcome::Playing, PLAYING), []);
        assert_eq!(scene.release(1, PLAYING), [], "given back only once");
    }
}

#[test]
fn what_has_no_range_keeps_its_lease() {
    let mut scene = PlaybackScene::default();
    scene.take_in(1, None, PLAYING);
    scene.media(MediaEvent::Pause, PAUSED);
    scene.seek(OUTSIDE);
    assert_eq!(scene.timer(OUTSIDE), [PlaybackStep::ForgetSeek]);
    assert_eq!(scene.release(1, OUTSIDE), [PLAY]);
}

#[test]
fn a_drag_is_decided_where_it_ends() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.seek(OUTSIDE);
    assert_eq!(scene.media(MediaEvent::Seeking, MOVING), [PlaybackStep::ForgetSeek]);
    assert!(scene.playback.viewer_seeks());
    assert_eq!(scene.media(MediaEvent::Time, INSIDE), [PlaybackStep::AwaitSeek]);
    // One that has arrived before its event is heard.
    assert_eq!(scene.media(MediaEvent::Seeking, INSIDE), [PlaybackStep::ForgetSeek, PlaybackStep::AwaitSeek]);
    assert_eq!(scene.timer(INSIDE), [PlaybackStep::ForgetSeek]);
    assert!(scene.playback.is_held());
}

#[test]
fn the_timer_may_ring_when_the_next_one_has_begun() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.seek(OUTSIDE);
    let moving = Media { seeking: true, ..OUTSIDE };
    assert_eq!(scene.timer(moving), [PlaybackStep::ForgetSeek]);
    assert!(scene.playback.viewer_seeks() && scene.playback.is_held());
}

#[test]
fn a_response_during_a_drag_is_decided_at_once() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Seeking, Media { seeking: true, ..OUTSIDE });
    let there = Media { seeking: true, ..OUTSIDE };
    assert_eq!(scene.release(1, there), [GIVEN_BACK, PLAY]);

    let mut scene = PlaybackScene::paused_for_request();
    scene.media(MediaEvent::Seeking, MOVING);
    assert_eq!(scene.release(1, MOVING), [PLAY]);
}

#[test]
fn a_response_decides_for_its_own_lease_alone() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.take_in(2, Some(0.0..9.0), PAUSED);
    scene.take(3, PAUSED);
    scene.seek(OUTSIDE);
    assert_eq!(scene.release(1, OUTSIDE), [GIVEN_BACK], "others hold it");
    let third = PlaybackStep::Released(Holder::Request(3), ResumeReason::Seeked);
    assert_eq!(scene.timer(OUTSIDE), [PlaybackStep::ForgetSeek, third], "the second still does");
    assert_eq!(scene.release(2, OUTSIDE), [PLAY]);
}

#[test]
fn a_seek_that_no_event_has_told_of_is_seen() {
    let mut scene = PlaybackScene::paused_for_request();
    let elsewhere = Media { time: 9.0, ..PAUSED };
    assert_eq!(scene.release(1, elsewhere), [GIVEN_BACK, PLAY]);
    // Up to a second is a player that paused slowly, and said so too early.
    let mut scene = PlaybackScene::default();
    let end = Media { time: 7.5, ..PLAYING };
    scene.take(1, end);
    scene.media(MediaEvent::Pause, Media { paused: true, ..end });
    let slow = Media { time: 8.4, ..PAUSED };
    assert_eq!(scene.release(1, slow), [PLAY]);
}

#[test]
fn who_seeks_to_the_end_has_ended_it() {
    let mut scene = PlaybackScene::paused_for_request();
    let end = Media { time: 30.0, ..ENDED };
    scene.seek(end);
    assert_eq!(scene.timer(end), [PlaybackStep::ForgetSeek], "playing would begin anew");
    assert_eq!(scene.release(1, end), [PlaybackStep::Released(Holder::Request(1), ResumeReason::Ended)]);
}

#[test]
fn a_viewer_who_plays_where_they_sought_to_wins() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.seek(OUTSIDE);
    scene.media(MediaEvent::Play, Media { paused: false, ..OUTSIDE });
    assert_eq!(scene.timer(OUTSIDE), [PlaybackStep::ForgetSeek]);
    assert_eq!(
        scene.release(1, OUTSIDE),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn a_pause_that_is_owed_is_forgotten() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.release(1, PAUSED);
    scene.take(2, PLAYING);
    let there = Media { paused: false, ..OUTSIDE };
    scene.seek(there);
    let second = PlaybackStep::Released(Holder::Request(2), ResumeReason::Seeked);
    assert_eq!(scene.timer(there), [PlaybackStep::ForgetSeek, second], "it plays, and goes on");
    assert_eq!(
        scene.settled(PlayOutcome::Playing, there),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)]
    );
}

#[test]
fn our_own_seek_is_not_the_viewers() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.steps(PAUSED, |playback, steps| playback.seek_by_action(12.0, PAUSED, steps));
    let there = Media { time: 12.0, ..PAUSED };
    let moving = Media { seeking: true, ..there };
    // A frame may come before the event.
    assert_eq!(scene.media(MediaEvent::Time, moving), []);
    assert_eq!(scene.media(MediaEvent::Seeking, moving), []);
    assert_eq!(scene.media(MediaEvent::Time, moving), []);
    assert!(!scene.playback.viewer_seeks());
    assert_eq!(scene.media(MediaEvent::Time, there), []);
    assert_eq!(scene.release(1, there), [PLAY]);
    assert_eq!(scene.media(MediaEvent::Seeking, moving), []);
    assert!(scene.playback.viewer_seeks(), "the next one is");
}

#[test]
fn a_seek_of_ours_to_where_it_is_already_hides_no_viewer() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.steps(PAUSED, |playback, steps| playback.seek_by_action(5.0, PAUSED, steps));
    scene.media(MediaEvent::Time, PAUSED);
    scene.media(MediaEvent::Seeking, MOVING);
    assert!(scene.playback.viewer_seeks());
}

#[test]
fn another_source_ends_the_seek() {
    let mut scene = PlaybackScene::paused_for_request();
    scene.seek(OUTSIDE);
    assert_eq!(scene.media(MediaEvent::SourceChanged, PAUSED), [PlaybackStep::ForgetSeek]);
    assert!(!scene.playback.viewer_seeks());
}
