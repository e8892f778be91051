-- Samples a second of the waveforms of a source whose lines do not say it.
alter table sources add column sample_rate_hz double precision;
