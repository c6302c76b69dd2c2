FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 kith && mkdir /data && chown kith /data
WORKDIR /app
COPY requirements.lock ./
# LightGBM needs libgomp1; some of dedupe's packages are compiled, and the compiler does not stay.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1 gcc libc6-dev \
    && pip install --no-cache-dir --require-hashes -r requirements.lock && pip install --no-cache-dir "psycopg[binary]>=3.2" \
    && apt-get purge -y -qq --auto-remove gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
RUN pip install --no-cache-dir --no-deps .
USER kith
VOLUME /data
EXPOSE 8021
CMD ["kith", "serve"]
