FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 kith && mkdir /data && chown kith /data
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock && pip install --no-cache-dir "psycopg[binary]>=3.2"
COPY . .
RUN pip install --no-cache-dir --no-deps .
USER kith
VOLUME /data
EXPOSE 8021
CMD ["kith", "serve"]
