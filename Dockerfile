# vidstyle on processors, in a folder of yours:
#
#     docker build -t vidstyle .
#     docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" vidstyle stylize clip.mp4 painting.jpg -o out.mp4
#
# Volumes: /work (where files are read and written), /config (presets.toml), /cache (weights that were fetched).

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE MANIFEST.in ./
COPY vidstyle ./vidstyle
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim-bookworm
# What OpenCV's wheel links to and a bare system lacks. Debian's point releases replace versions, so none is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 libxcb1 libx11-xcb1 \
    && rm -rf /var/lib/apt/lists/*
# The processors' torch is a tenth of the one for graphics cards.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY --from=wheel /wheels /wheels
# pyproject.toml says which versions fit.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" torch torchvision \
    && pip install --no-cache-dir /wheels/*.whl \
    && rm -rf /wheels
RUN useradd --uid 1000 painter \
    && mkdir -m 1777 /work /config /cache
ENV VIDSTYLE_CONFIG=/config VIDSTYLE_CACHE=/cache HOME=/tmp PYTHONUNBUFFERED=1
USER 1000
WORKDIR /work
ENTRYPOINT ["vidstyle"]
CMD ["--help"]
