//! What is tried with each player.

use super::scene::{Outcome, Scene};
use crate::engine::Engine;
use crate::page::{ENTER, SPACE, pause};
use serde_json::Value;

type Step = Result<(), String>;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// There is no such thing with this player.
    Skipped(Reason),
    Failed(String),
}

/// Why a row is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NoStream,
    OneSource,
    NotRebuilt,
    Framed,
}

impl Reason {
    pub const ALL: [Reason; 4] = [Reason::NoStream, Reason::OneSource, Reason::NotRebuilt, Reason::Framed];

    /// Its sign in the table.
    pub fn sign(self) -> char {
        match self {
            Reason::NoStream => 'a',
            Reason::OneSource => 'b',
            Reason::NotRebuilt => 'c',
            Reason::Framed => 'd',
        }
    }

    /// What it says below the table.
    pub fn text(self) -> &'static str {
        match self {
            Reason::NoStream => "does not play such streams itself, or has one quality of each",
            Reason::OneSource => "plays one source for life",
            Reason::NotRebuilt => "has no way to be built anew",
            Reason::Framed => {
                "is a frame of another site, which fits the picture by itself, or does not tell its shape"
            }
        }
    }
}

macro_rules! rows {
    ($($(#[doc = $about:literal])+ $row:ident = $name:literal,)*) => {
        /// The rows, in the order in which they are tried over one page as far as possible.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Row {
            $($(#[doc = $about])+ $row,)*
        }

        impl Row {
            pub const ALL: [Row; [$($name),*].len()] = [$(Row::$row),*];

            /// Its name in the table.
            pub fn name(self) -> &'static str {
                match self {
                    $(Row::$row => $name,)*
                }
            }
        }
    };
}

rows! {
    /// Areas are activated by mouse, tap, Enter and Space before the first play; nothing starts to play.
    BeforePlay = "before play",
    /// The control bar can be used under a full-size area.
    Controls = "controls",
    /// The same while it plays.
    Playing = "playing",
    /// The same while it is paused.
    Paused = "paused",
    /// The same while it stands still because of a webhook.
    OwnPause = "own pause",
    /// A double click toggles neither playback nor fullscreen.
    DoubleClick = "double click",
    /// Keys that are typed into the stage are no hotkeys.
    Keys = "keys",
    /// The player's own fullscreen shows overlays that can be clicked.
    Fullscreen = "fullscreen",
    /// Elements lie over the picture, not over the bars beside it.
    Letterbox = "letterbox",
    /// The same with `object-fit: cover`.
    ObjectFit = "object-fit",
    /// An advertisement in a second video over the player.
    Advert = "advert",
    /// Another source.
    Source = "source",
    /// Another quality of an HLS stream.
    Hls = "HLS",
    /// Another quality of a DASH stream.
    Dash = "DASH",
    /// The player is built anew.
    Rebuilt = "rebuilt",
    /// The player is destroyed.
    Destroyed = "destroyed",
    /// Cuehook is destroyed, and leaves nothing.
    Leave = "destroy",
}

/// What toggles of playback and window look like.
const TOGGLES: [&str; 4] = ["play", "pause", "fullscreen", "window"];

impl Row {
    /// Whether the page is of no use any more afterwards.
    pub fn leaves_nothing(self) -> bool {
        matches!(self, Row::Hls | Row::Dash | Row::Rebuilt | Row::Destroyed | Row::Leave)
    }

    pub async fn run(self, scene: &Scene<'_>) -> Outcome {
        match self {
            Row::Hls => return quality(scene, "hls").await,
            Row::Dash => return quality(scene, "dash").await,
            Row::BeforePlay | Row::Rebuilt | Row::Destroyed => scene.reopen("").await?,
            _ => scene.open("").await?,
        }
        match self {
            Row::BeforePlay => before_play(scene).await,
            Row::Controls => controls(scene).await,
            Row::Playing => playing(scene).await,
            Row::Paused => paused(scene).await,
            Row::OwnPause => own_pause(scene).await,
            Row::DoubleClick => double_click(scene).await,
            Row::Keys => keys(scene).await,
            Row::Fullscreen => fullscreen(scene).await,
            Row::Letterbox => letterbox(scene).await,
            Row::ObjectFit => object_fit(scene).await,
            Row::Advert => advert(scene).await,
            Row::Source => source(scene).await,
            Row::Rebuilt => rebuilt(scene).await,
            Row::Destroyed => destroyed(scene).await,
            Row::Leave => leave(scene).await,
            Row::Hls | Row::Dash => Ok(Verdict::Passed),
        }
    }
}

/// Activates areas in all four ways, each once, and nothing else happens.
async fn all_ways(scene: &Scene<'_>, when: &str) -> Step {
    scene.settle().await;
    scene.forget().await?;
    let result = four_ways(scene).await;
    result.map_err(|why| format!("{when}: {why}"))?;
    // Toggles that come late are toggles, too.
    pause(350).await;
    scene.none_of(&TOGGLES, when).await
}

async fn four_ways(scene: &Scene<'_>) -> Step {
    activate(scene, "mouse").await?;
    activate(scene, "tap").await?;
    activate(scene, "enter").await?;
    activate(scene, "space").await
}

/// Activates the area of that name in the way of that name.
async fn activate(scene: &Scene<'_>, id: &str) -> Step {
    let before = scene.activations(id).await?;
    let at = scene.target(id).await?;
    match id {
        "tap" => scene.tap(at).await?,
        "enter" | "space" => {
            scene.ask(&format!("players.focus({id:?})")).await?;
            scene.page.press(if id == "enter" { ENTER } else { SPACE }).await;
        }
        _ => scene.click(at, 1).await?,
    }
    let script = format!("return players.activations({id:?}) > {before}");
    scene.wait(&script, &format!("the activation by {id}")).await?;
    match scene.activations(id).await? - before {
        1 => Ok(()),
        count => Err(format!("{id}: activated {count} times")),
    }
}

async fn before_play(scene: &Scene<'_>) -> Outcome {
    all_ways(scene, "before play").await?;
    let paused = scene.ask("return players.media.paused").await?;
    if paused != true {
        return Err("it plays".into());
    }
    Ok(Verdict::Passed)
}

async fn playing(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    all_ways(scene, "playing").await?;
    Ok(Verdict::Passed)
}

async fn paused(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    scene.stop().await?;
    all_ways(scene, "paused").await?;
    Ok(Verdict::Passed)
}

async fn own_pause(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    scene.settle().await;
    let counts = "return [seen.named('pause').length, seen.named('resume').length]";
    let before = scene.ask(counts).await?;
    activate(scene, "wait").await?;
    let script = format!("return seen.named('pause').length > {} && players.media.paused", before[0]);
    scene.wait(&script, "our own pause").await?;
    let result = all_ways(scene, "our own pause").await;
    scene.page.release(1).await;
    result?;
    let script = format!("return seen.named('resume').length > {} && !players.media.paused", before[1]);
    scene.wait(&script, "it to go on").await?;
    Ok(Verdict::Passed)
}

async fn double_click(scene: &Scene<'_>) -> Outcome {
    for state in ["playing", "paused"] {
        scene.play().await?;
        if state == "paused" {
            scene.stop().await?;
        }
        for id in ["mouse", "everything"] {
            scene.settle().await;
            scene.forget().await?;
            // The middle of the full-size area may be where the player has its big button.
            let at = match id {
                "everything" => {
                    scene.point("const at = players.target('wait'); at.y += 90; return at").await?
                }
                id => scene.target(id).await?,
            };
            let before = scene.activations(id).await?;
            scene.click(at, 2).await?;
            pause(450).await;
            scene.none_of(&TOGGLES, &format!("a double click on {id} while {state}")).await?;
            if scene.activations(id).await? == before {
                let script = format!("return players.hit({}, {})", at.0, at.1);
                let hit = scene.ask(&script).await?;
                return Err(format!(
                    "a double click on {id} while {state} has not arrived; there is {hit} now"
                ));
            }
        }
    }
    Ok(Verdict::Passed)
}

/// Letters and digits that are hotkeys of one player or another, arrows, Home and End.
const HOTKEYS: &str = "kmfcjlp0579<>,.\u{E012}\u{E013}\u{E014}\u{E015}\u{E010}\u{E011}";

async fn keys(scene: &Scene<'_>) -> Outcome {
    const UNWANTED: [&str; 7] =
        ["play", "pause", "seeking", "volumechange", "ratechange", "fullscreen", "window"];
    scene.play().await?;
    for what in ["field", "area"] {
        scene.forget().await?;
        let focus = match what {
            "field" => {
                "const field = players.field(); field.value = ''; field.focus({ preventScroll: true })"
            }
            _ => "players.focus('mouse')",
        };
        scene.ask(focus).await?;
        // In the field Space and Enter are text and nothing; on an area they activate it, which other rows look at.
        let typed = if what == "field" { format!(" {HOTKEYS}{ENTER}") } else { HOTKEYS.to_owned() };
        scene.page.write(&typed).await;
        pause(250).await;
        scene.none_of(&UNWANTED, &format!("keys in the {what}")).await?;
        let value = scene.ask("return players.field().value").await?;
        if what == "field" && value != " kmfcjlp0579<>,." {
            return Err(format!("the field has got {value}"));
        }
    }
    scene.ask("players.field().remove(); document.activeElement.blur()").await?;
    Ok(Verdict::Passed)
}

async fn controls(scene: &Scene<'_>) -> Outcome {
    for state in ["playing", "paused"] {
        scene.play().await?;
        if state == "paused" {
            scene.stop().await?;
        }
        awake(scene).await?;
        let controls = uncovered(scene).await.map_err(|why| format!("{state}: {why}"))?;
        if controls == 0 && !says(scene, "nativeControls").await? {
            return Err(format!("{state}: the player shows no controls"));
        }
        // The button toggles, and no area has got the click.
        scene.settle().await;
        let before = scene.activations("everything").await?;
        awake(scene).await?;
        let at =
            scene.point("return players.button('play')").await.map_err(|why| format!("{state}: {why}"))?;
        scene.click(at, 1).await?;
        let script = format!("return players.media.paused === {}", state == "playing");
        scene.wait(&script, &format!("the play button, which was clicked while {state}")).await?;
        if scene.activations("everything").await? != before {
            return Err(format!("{state}: the click on the play button arrived at the full-size area"));
        }
    }
    Ok(Verdict::Passed)
}

/// Moves the mouse over the picture, so that the player shows its controls.
async fn awake(scene: &Scene<'_>) -> Step {
    let script = "const box = (players.entry.picture?.() ?? players.media).getBoundingClientRect();
        return { x: box.left + box.width / 2, y: box.top + box.height * 0.7 }";
    let at = scene.point(script).await?;
    scene.hover(at).await?;
    // Players fade them in.
    pause(400).await;
    scene.hover(at).await
}

/// Fails if one of the player's controls is covered; else says how many there are.
async fn uncovered(scene: &Scene<'_>) -> Result<usize, String> {
    let controls = scene.ask("return players.controls()").await?;
    let controls = controls.as_array().cloned().unwrap_or_default();
    let is_covered = |control: &&Value| control["covered"].is_string();
    let covered: Vec<String> = controls
        .iter()
        .filter(is_covered)
        .map(|control| format!("{} by {}", control["name"], control["covered"]))
        .collect();
    match covered.is_empty() {
        true => Ok(controls.len()),
        false => Err(format!(
            "{} of {} controls are covered: {}",
            covered.len(),
            controls.len(),
            covered.join(", ")
        )),
    }
}

async fn fullscreen(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    awake(scene).await?;
    let at = scene.point("return players.button('fullscreen')").await?;
    scene.ask("players.window = [innerWidth, innerHeight]").await?;
    scene.click(at, 1).await?;
    scene.wait("return document.fullscreenElement", "fullscreen").await?;
    let result = in_fullscreen(scene).await;
    let left = scene.ask("return document.exitFullscreen().then(() => true, () => false)").await?;
    scene.wait("return !document.fullscreenElement", "the window").await?;
    result?;
    if left != true {
        return Err("fullscreen was left meanwhile".into());
    }
    // Back in the window everything is as it was, once the window is.
    let size =
        "const [width, height] = players.window; return innerWidth === width && innerHeight === height";
    scene.wait(size, "the window's size").await?;
    if scene.page.engine() == Engine::Webkit {
        // It shows a picture of the page for a while, which takes no clicks.
        pause(2000).await;
    }
    scene.settle().await;
    activate(scene, "mouse").await.map_err(|why| format!("back in the window: {why}"))?;
    placed(scene, "back in the window").await?;
    Ok(Verdict::Passed)
}

async fn in_fullscreen(scene: &Scene<'_>) -> Step {
    scene.settle().await;
    // The window has changed its size once the video fills it.
    placed(scene, "in fullscreen").await?;
    four_ways(scene).await.map_err(|why| format!("in fullscreen: {why}"))?;
    awake(scene).await?;
    uncovered(scene).await.map(drop).map_err(|why| format!("in fullscreen: {why}"))
}

/// Waits until the elements are in their places over the picture, within one pixel, and gives how the box of the video
/// differs from its picture.
async fn placed(scene: &Scene<'_>, when: &str) -> Result<f64, String> {
    let script = "const found = players.misplacement(); return found.off <= 1 && found";
    match scene.wait(script, "").await {
        Ok(found) => Ok(found["ratio"].as_f64().unwrap_or(1.0)),
        Err(_) => {
            let found = scene.ask("return players.misplacement()").await?;
            Err(format!(
                "{when}: elements are out of place: {}",
                found["error"].as_str().or(found["worst"].as_str()).unwrap_or_default()
            ))
        }
    }
}

/// Whether the entry says this of its player.
async fn says(scene: &Scene<'_>, what: &str) -> Result<bool, String> {
    Ok(scene.ask(&format!("return Boolean(players.entry.{what})")).await? == true)
}

async fn letterbox(scene: &Scene<'_>) -> Outcome {
    if says(scene, "shapeless").await? {
        return Ok(Verdict::Skipped(Reason::Framed));
    }
    scene.play().await?;
    placed(scene, "as it is").await?;
    scene.ask("return players.resize(560, 560)").await?;
    pause(300).await;
    let ratio = placed(scene, "letterbox").await?;
    if (ratio - 1.0).abs() < 0.05 {
        return Err(format!("there are no bars: {ratio}"));
    }
    scene.settle().await;
    activate(scene, "mouse").await.map_err(|why| format!("letterbox: {why}"))?;
    scene.ask("return players.resize(800, 450)").await?;
    Ok(Verdict::Passed)
}

async fn object_fit(scene: &Scene<'_>) -> Outcome {
    if says(scene, "framed").await? {
        return Ok(Verdict::Skipped(Reason::Framed));
    }
    scene.play().await?;
    scene.ask("players.fit('cover'); return players.resize(640, 560)").await?;
    pause(300).await;
    let result = placed(scene, "object-fit: cover").await;
    scene.ask("players.fit('contain'); return players.resize(800, 450)").await?;
    let ratio = result?;
    if (ratio - 1.0).abs() < 0.05 {
        return Err(format!("nothing is cut off: {ratio}"));
    }
    Ok(Verdict::Passed)
}

async fn advert(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    scene.ask("return players.advert()").await?;
    scene.play().await?;
    placed(scene, "after the advertisement").await?;
    scene.settle().await;
    four_ways(scene).await.map_err(|why| format!("after the advertisement: {why}"))?;
    Ok(Verdict::Passed)
}

async fn source(scene: &Scene<'_>) -> Outcome {
    if scene.ask("return players.can('change')").await? != true {
        return Ok(Verdict::Skipped(Reason::OneSource));
    }
    // What is shown differs in shape, so overlays in old places are found out.
    for (source, ratio) in [("advert", 4.0 / 3.0), ("other", 16.0 / 9.0)] {
        scene.play().await?;
        scene.ask(&format!("return players.change({source:?})")).await?;
        let script = format!(
            "const media = players.media; return !media?.videoWidth || Math.abs(media.videoWidth / media.videoHeight - {ratio}) < 0.02"
        );
        scene.wait(&script, &format!("the source {source}")).await?;
        scene.play().await?;
        let when = format!("after the source {source}");
        placed(scene, &when).await?;
        scene.settle().await;
        four_ways(scene).await.map_err(|why| format!("{when}: {why}"))?;
    }
    Ok(Verdict::Passed)
}

async fn quality(scene: &Scene<'_>, stream: &'static str) -> Outcome {
    scene.open("").await?;
    let knows = format!("return players.entry.streams?.includes({stream:?}) ?? false");
    if scene.ask(&knows).await? != true {
        return Ok(Verdict::Skipped(Reason::NoStream));
    }
    scene.open(stream).await?;
    scene.play().await?;
    scene.wait("return players.player.qualities() >= 2", "two qualities").await?;
    // To the other one than that which is shown.
    let shown = scene.ask("return players.media.videoWidth").await?;
    let (index, width) = if shown == 256 { (1, 512) } else { (0, 256) };
    scene.ask(&format!("players.player.quality({index})")).await?;
    // Some switch where what is buffered ends.
    let script = format!(
        "const media = players.media;
         if (media.ended) {{ media.currentTime = 0; media.play(); }}
         return media.videoWidth === {width}"
    );
    scene.wait(&script, &format!("the quality of width {width}")).await?;
    scene.play().await?;
    placed(scene, "after the switch").await?;
    scene.settle().await;
    four_ways(scene).await.map_err(|why| format!("after the switch: {why}"))?;
    Ok(Verdict::Passed)
}

async fn rebuilt(scene: &Scene<'_>) -> Outcome {
    if scene.ask("return players.can('rebuild')").await? != true {
        return Ok(Verdict::Skipped(Reason::NotRebuilt));
    }
    scene.play().await?;
    scene.ask("return Promise.resolve(players.player.rebuild()).then(() => true)").await?;
    scene.wait("return players.media && (players.media.readyState ?? 4) >= 1", "the rebuilt player").await?;
    goes_on_or_ends(scene, "rebuilt").await
}

async fn destroyed(scene: &Scene<'_>) -> Outcome {
    if scene.ask("return players.can('destroy')").await? != true {
        return Ok(Verdict::Skipped(Reason::NotRebuilt));
    }
    scene.play().await?;
    scene.ask("return Promise.resolve(players.player.destroy()).then(() => true)").await?;
    goes_on_or_ends(scene, "destroyed").await
}

/// Where a video is left on the page, areas work over it; where none is left, nothing of the stage can be seen.
async fn goes_on_or_ends(scene: &Scene<'_>, when: &str) -> Outcome {
    pause(300).await;
    let rest = scene.ask("return Boolean(players.media?.isConnected)").await?;
    if rest == true {
        placed(scene, when).await?;
        scene.settle().await;
        four_ways(scene).await.map_err(|why| format!("{when}: {why}"))?;
        return Ok(Verdict::Passed);
    }
    let script = "return !players.nodes().length || ['mouse', 'everything'].every((id) => !(players.target(id).error === null))";
    scene.wait(script, "the stage to go with the video").await?;
    Ok(Verdict::Passed)
}

async fn leave(scene: &Scene<'_>) -> Outcome {
    scene.play().await?;
    activate(scene, "mouse").await?;
    scene.ask("players.handle.destroy()").await?;
    pause(100).await;
    let nodes = scene.ask("return players.nodes()").await?;
    if nodes.as_array().is_none_or(|nodes| !nodes.is_empty()) {
        return Err(format!("nodes are left: {nodes}"));
    }
    let listeners = scene.ask("return players.listeners()").await?;
    if listeners.as_array().is_none_or(|listeners| !listeners.is_empty()) {
        return Err(format!("listeners are left: {listeners}"));
    }
    Ok(Verdict::Passed)
}
