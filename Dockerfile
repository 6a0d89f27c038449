# One image for web, worker, beat and migrations; docker-compose.yml says what each of them runs.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1
WORKDIR /app

COPY requirements/server.txt requirements/server.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/server.txt

COPY . .
# Collecting static files reads the settings and connects to nothing.
RUN DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 SECRET_KEY=build PROCESS=command \
    python manage.py collectstatic --noinput \
    && useradd --system --no-create-home bookwhen

USER bookwhen
EXPOSE 8000
CMD ["gunicorn", "bookwhen.wsgi", "--bind", "0.0.0.0:8000"]
