// Stands in for the frames of YouTube and Vimeo. A click into it plays and pauses, as there.
const video = document.querySelector("video");
video.dataset.src = location.search === "?advert" ? "/tests/players/streams/advert/file.mp4" : "/film/lake.webm";
document.addEventListener("click", () => (video.paused ? video.play() : video.pause()));
