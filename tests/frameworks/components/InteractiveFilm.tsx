import "cuehook";
import type { CuehookEventMap, Project } from "cuehook";

type Props = {
  film: string;
  project: Project | string | null;
  onCallback: (event: CuehookEventMap["cuehook:callback"]) => void;
};

export function InteractiveFilm({ film, project, onCallback }: Props) {
  return (
    <cue-hook project={project} {...{ "oncuehook:callback": onCallback }}>
      <video key={film} src={film} controls playsInline />
    </cue-hook>
  );
}
