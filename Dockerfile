# One image for web, worker, beat and migrations; docker-compose.yml says what each of them runs.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1
WORKDIR /app

COPY requirements/server.txt requirements/server.txt
# Only wheels: nothing is compiled. They are kept between builds, outside the image.
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --only-binary :all: --root-user-action ignore -r requirements/server.txt

COPY . .
# Collecting static files reads the settings and connects to nothing. Nobody can change what is in /app.
RUN DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 SECRET_KEY=build PROCESS=command \
    python manage.py collectstatic --noinput \
    && python -m compileall -q accounts bookwhen groups memberships offers tickets \
    && useradd --system --no-create-home --uid 999 bookwhen \
    && install -d -o bookwhen /media

USER bookwhen
EXPOSE 8000
CMD ["gunicorn", "bookwhen.wsgi", "--bind", "0.0.0.0:8000"]

ARG VERSION=unknown
ARG REVISION=
ARG CREATED=unknown
# What /metrics, the keeper's page and Sentry say is running.
ENV COMMIT="${REVISION}"
LABEL org.opencontainers.image.title="Bookwhen" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
