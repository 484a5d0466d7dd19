/** Every component that is drawn from what it is given, in every state, for who works on them: `/ui` in development.
 * What asks the gateway by itself is a page, or the greater part of one: those are looked at before a real stack. */
import { Page } from "../ui/Page";
import { Answers } from "./Answers";
import { Comparisons } from "./Comparisons";
import { Dialogs } from "./Dialogs";
import { Fetched } from "./Fetched";
import { Forms } from "./Forms";
import "./gallery.css";
import { Pieces } from "./Pieces";
import { Recruiting } from "./Recruiting";
import { Speaking } from "./Speaking";
import { States } from "./States";

/** The page of all components. */
export function GalleryPage() {
  return (
    <Page title="/ui" lead={<p lang="en">Components in their states. No build has this page.</p>}>
      <div className="gallery">
        <Pieces />
        <Forms />
        <Dialogs />
        <Fetched />
        <States />
        <Speaking />
        <Answers />
        <Recruiting />
        <Comparisons />
      </div>
    </Page>
  );
}
