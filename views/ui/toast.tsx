/** What an act just did, with a way back; errors are never toasts. */
export function Toast(props: { text: string; undo?: { href: string; text: string } | undefined }) {
  return (
    <div class="toast" data-toast>
      <span>{props.text}</span>
      {props.undo !== undefined && <a href={props.undo.href}>{props.undo.text}</a>}
    </div>
  );
}
