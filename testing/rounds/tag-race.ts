import type { SmallImages } from "../clients/small-images";

/** What came of pushes of one tag at a time. */
export interface RaceResult {
  readonly won: number;
  /** Those that were refused in so many words. */
  readonly told: number;
  /** Whether the tag is the manifest of the one that won. */
  readonly isWhole: boolean;
}

/** Twenty different images are pushed as one immutable tag at a time, on connections of their own. */
export async function raceForTag(images: SmallImages, tag: string, clients = 20): Promise<RaceResult> {
  const manifests = Array.from({ length: clients }, (_, i) => images.manifest(`${tag} ${i}`));
  const answers = await Promise.all(manifests.map((manifest) => images.push(tag, manifest)));
  const winners = manifests.filter((_, i) => answers[i].status === 201);
  const { text, headers } = await images.get(tag);
  return {
    won: winners.length,
    told: answers.filter((answer) => answer.status === 403 && /is immutable and there already/.test(answer.text))
      .length,
    isWhole: text === winners[0] && headers["docker-content-digest"] === images.digest(text),
  };
}
