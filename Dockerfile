# The binary alone on a small glibc system; data lives in the volume.
FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data foresight && install -d -o foresight /data
COPY dist/foresight /usr/local/bin/foresight
USER foresight
VOLUME /data
EXPOSE 8080
ENV FORESIGHT_HOST=0.0.0.0
ENTRYPOINT ["foresight"]
CMD ["serve", "--data", "/data", "--port", "8080"]
