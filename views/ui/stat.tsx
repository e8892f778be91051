export type StatProps = {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  readonly why: string;
};

/** At most four numbers in a row, each with its unit and one line of comparison. */
export function Stats(props: { stats: readonly StatProps[] }) {
  return (
    <section class="panel">
      <div class="stats">
        {props.stats.slice(0, 4).map((stat) => (
          <dl class="stat">
            <dt>{stat.label}</dt>
            <dd>
              {stat.value} <small>{stat.unit}</small>
            </dd>
            <dd class="why">{stat.why}</dd>
          </dl>
        ))}
      </div>
    </section>
  );
}
