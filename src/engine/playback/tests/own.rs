//! What is our own doing is not taken for the viewer's, and the other way round.

use super::*;

#[test]
fn only_the_first_play_after_ours_is_our_own() {
    let mut scene = PlaybackScene::paused_for_request();
    assert_eq!(scene.release(1, PAUSED), [PLAY]);
    assert_eq!(scene.media(MediaEvent::Play, PLAYING), [], "our own");
    // Another request wants a pause, which waits for the promise. The viewer pauses and plays meanwhile.
    assert_eq!(scene.take(2, PLAYING), [PlaybackStep::Paused(Holder::Request(2))]);
    scene.media(MediaEvent::Play, PLAYING);
    assert_eq!(
        scene.settled(PlayOutcome::Playing, PLAYING),
        [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)],
        "it is not paused any more"
    );
    assert_eq!(
        scene.release(2, PLAYING),
        [PlaybackStep::Released(Holder::Request(2), ResumeReason::ViewerPlayed)]
    );
}

#[test]
fn a_seek_of_ours_that_no_event_has_told_of_is_not_the_viewers() {
    // The element that asked is there until second 8.
    let there = Media { time: 20.0, seeking: true, ..PAUSED };
    for at in [there, Media { seeking: false, ..there }, PAUSED] {
        let mut scene = PlaybackScene::paused_for_request();
        let seek = scene.steps(PAUSED, |playback, steps| playback.seek_by_action(20.0, PAUSED, steps));
        assert_eq!(seek, [PlaybackStep::Seek(20.0)]);
        assert_eq!(scene.release(1, at), [PLAY], "{at:?}");
        assert_eq!(
            scene.settled(PlayOutcome::Playing, PLAYING),
            [PlaybackStep::Released(Holder::Request(1), ResumeReason::Resumed)]
        );
    }
}
