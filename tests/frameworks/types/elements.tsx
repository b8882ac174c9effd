// What frameworks know of <cue-hook>. Only types are checked: each of these errors has to be one.
import { useRef } from "react";
import type { GlobalComponents } from "vue";
import type { SvelteHTMLElements } from "svelte/elements";
import type { CueHook, Project } from "cuehook";

const project: Project = { cuehook: 1 };

export function InReact() {
  const element = useRef<CueHook>(null);
  void element.current?.ready.then(({ variables }) => variables.get("code"));
  return (
    <>
      <cue-hook
        ref={element}
        className="film"
        project={project}
        allow-origins="https://shop.example"
        oncuehook:ready={(event) => console.log(event.detail.webhooks.length)}
        {...{ "oncuehook:callback": () => {} }}
      >
        <video />
      </cue-hook>
      <cue-hook src="/project.json" for="film" expressions="full" />
      <cue-hook project={null} onClick={(event) => event.currentTarget.handle?.destroy()} />
      {/* @ts-expect-error A project has a version. */}
      <cue-hook project={{ elements: [] }} />
      {/* @ts-expect-error There is no such attribute. */}
      <cue-hook sources="/project.json" />
      {/* @ts-expect-error This event has no webhooks. */}
      <cue-hook oncuehook:callback={(event) => event.detail.webhooks} />
    </>
  );
}

type VueProps = InstanceType<GlobalComponents["cue-hook"]>["$props"];
export const inVue: VueProps = {
  class: "film",
  project,
  "onCuehook:error": (event) => console.log(event.detail.code),
};
// @ts-expect-error A project has a version.
inVue.project = { elements: [] };
// @ts-expect-error There is no such attribute.
inVue.sources = "/project.json";

type SvelteProps = SvelteHTMLElements["cue-hook"];
export const inSvelte: SvelteProps = {
  class: "film",
  project: "/project.json",
  "oncuehook:error": (event) => console.log(event.detail.code),
};
// @ts-expect-error A project has a version.
inSvelte.project = { elements: [] };
// @ts-expect-error This event has no webhooks.
inSvelte["oncuehook:callback"] = (event) => event.detail.webhooks;
