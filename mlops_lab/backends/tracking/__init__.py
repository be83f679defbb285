"""Runs on an MLflow server: MLflow keeps one run for each of ours."""
