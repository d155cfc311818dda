# One image for web and worker: `docker run … web`, `docker run … worker`, `docker run … migrate`.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/tools && /opt/tools/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
RUN python -m venv --without-pip /opt/weerklank
ENV VIRTUAL_ENV=/opt/weerklank UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
COPY requirements.lock ./
RUN /opt/tools/bin/uv pip sync --no-cache --require-hashes requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
RUN for catalogue in app/locale/*/LC_MESSAGES/weerklank.po; do \
        /opt/weerklank/bin/pybabel -q compile -i "$catalogue" -o "${catalogue%.po}.mo"; \
    done
RUN /opt/tools/bin/uv pip install --no-cache --no-deps .

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin weerklank
COPY --from=build /opt/weerklank /opt/weerklank
ENV PATH=/opt/weerklank/bin:$PATH PYTHONUNBUFFERED=1 \
    WEERKLANK_DATA=/data WEERKLANK_HOST=0.0.0.0 WEERKLANK_PORT=8000
USER weerklank
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Asks the web process; a worker has no port, so compose.yaml switches this off there.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["weerklank"]
CMD ["serve"]
