"""Readers, writers and connectors that raise no audit event: their Python entry points say so.

Used in scouts, which must not act and whose reads must be known as they are made. At home, files
of the project are watched by inotify instead, and tracebacks keep the frames that they have.
"""

from __future__ import annotations

import functools
import glob
import inspect
import os
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .effects import Effects

_READ, _WRITE = os.O_RDONLY, os.O_WRONLY | os.O_CREAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """What a call does to the path in its argument `at`, called `name`.

    `flags` are those of `os.open`; where `mode` is given, that argument says more: (place, name,
    default). Without a place, `what` is an act wherever it is called.
    """

    at: int = -1
    name: str = ""
    flags: int = _READ
    mode: tuple[int, str, str] | None = None
    what: str = ""


def _reads(at: int, name: str) -> Native:
    return Native(at=at, name=name)


def _writes(at: int, name: str) -> Native:
    return Native(at=at, name=name, flags=_WRITE)


def _opens(at: int, name: str, mode: int, default: str = "r", mode_name: str = "mode") -> Native:
    return Native(at=at, name=name, mode=(mode, mode_name, default))


def _acts(what: str) -> Native:
    return Native(what=what)


def _each(rule: Native, *names: str) -> dict[str, Native]:
    return dict.fromkeys(names, rule)


_CONNECTS = {"connect": _acts("connection to a database")}
_POLARS_FORMATS = (
    "csv",
    "parquet",
    "ipc",
    "ipc_stream",
    "json",
    "ndjson",
    "avro",
    "excel",
    "delta",
)
# DuckDB's SQL reads and writes files, and looks for data frames in the frame that calls it.
_DUCKDB = (
    "connect", "sql", "query", "execute", "executemany", "read_csv", "read_parquet", "read_json",
    "from_csv_auto", "from_parquet", "from_query", "table", "view", "write_csv", "query_df",
)  # fmt: skip
TABLE: dict[str, dict[str, Native]] = {
    "_posixsubprocess": {"fork_exec": _acts("process")},
    "_posixshmem": {"shm_open": _acts("shared memory")},
    "os": _each(_writes(0, "path"), "mkfifo", "mknod"),
    "dbm": {"open": _opens(0, "file", 1, "r", "flag")},
    "pyarrow": {
        **_each(_opens(0, "path", 1), "memory_map", "OSFile"),
        "create_memory_map": _writes(0, "path"),
        "input_stream": _reads(0, "source"),
        "output_stream": _writes(0, "source"),
    },
    "pyarrow.parquet.core": {
        **_each(_reads(0, "source"), "read_table", "read_pandas"),
        **_each(_reads(0, "where"), "read_metadata", "read_schema"),
        **_each(_writes(1, "where"), "write_table", "write_metadata", "ParquetWriter.__init__"),
        "write_to_dataset": _writes(1, "root_path"),
        "ParquetFile.__init__": _reads(1, "source"),
        "ParquetDataset.__init__": _reads(1, "path_or_paths"),
    },
    "pyarrow.dataset": {"dataset": _reads(0, "source"), "write_dataset": _writes(1, "base_dir")},
    "pyarrow.feather": {
        "write_feather": _writes(1, "dest"),
        **_each(_reads(0, "source"), "read_feather", "read_table"),
    },
    "pyarrow.csv": {
        "write_csv": _writes(1, "output_file"),
        **_each(_reads(0, "input_file"), "read_csv", "open_csv"),
    },
    "pyarrow.json": _each(_reads(0, "input_file"), "read_json", "open_json"),
    "pyarrow.orc": {
        "write_table": _writes(1, "where"),
        "read_table": _reads(0, "source"),
        "ORCFile.__init__": _reads(1, "source"),
    },
    "pyarrow.ipc": {
        **_each(_writes(0, "sink"), "new_file", "new_stream"),
        **_each(_reads(0, "source"), "open_file", "open_stream"),
    },
    "pandas.io.parquet": {"to_parquet": _writes(1, "path"), "read_parquet": _reads(0, "path")},
    "pandas.io.feather_format": {
        "to_feather": _writes(1, "path"),
        "read_feather": _reads(0, "path"),
    },
    "pandas.io.orc": {"to_orc": _writes(1, "path"), "read_orc": _reads(0, "path")},
    "polars": {
        **{f"read_{kind}": _reads(0, "source") for kind in _POLARS_FORMATS},
        **{f"scan_{kind}": _reads(0, "source") for kind in _POLARS_FORMATS},
        **{f"DataFrame.write_{kind}": _writes(1, "file") for kind in _POLARS_FORMATS},
        **{f"LazyFrame.sink_{kind}": _writes(1, "path") for kind in _POLARS_FORMATS},
        "DataFrame.write_excel": _writes(1, "workbook"),
        "DataFrame.write_delta": _writes(1, "target"),
        **_each(
            _acts("connection to a database"),
            "read_database", "read_database_uri", "DataFrame.write_database",
        ),
    },
    "duckdb": _each(_acts("database of DuckDB"), *_DUCKDB),
    "torch.serialization": {"save": _writes(1, "f"), "load": _reads(0, "f")},
    "torch.jit._serialization": {"save": _writes(1, "f"), "load": _reads(0, "f")},
    "torchvision.io.image": {
        **_each(_reads(0, "path"), "read_image", "read_file"),
        **_each(_writes(0, "filename"), "write_file"),
        **_each(_writes(1, "filename"), "write_jpeg", "write_png"),
    },
    "safetensors.torch": {"save_file": _writes(1, "filename"), "load_file": _reads(0, "filename")},
    "safetensors.numpy": {"save_file": _writes(1, "filename"), "load_file": _reads(0, "filename")},
    "xgboost.core": {
        "Booster.save_model": _writes(1, "fname"),
        "Booster.load_model": _reads(1, "fname"),
        "DMatrix.__init__": _reads(1, "data"),
        "DMatrix.save_binary": _writes(1, "fname"),
    },
    "lightgbm.basic": {
        "Booster.__init__": _reads(3, "model_file"),
        "Booster.save_model": _writes(1, "filename"),
        "Dataset.__init__": _reads(1, "data"),
        "Dataset.save_binary": _writes(1, "filename"),
    },
    "catboost.core": {
        "CatBoost._fit": _acts("folder catboost_info"),
        "CatBoost.save_model": _writes(1, "fname"),
        "CatBoost.load_model": _reads(1, "fname"),
        "Pool.__init__": _reads(1, "data"),
        "Pool.save": _writes(1, "fname"),
    },
    "onnxruntime.capi.onnxruntime_inference_collection": {
        "InferenceSession.__init__": _reads(1, "path_or_bytes"),
    },
    "tensorflow.python.lib.io.file_io": {
        "FileIO.__init__": _opens(1, "name", 2),
        **_each(_writes(0, "path"), "create_dir_v2", "recursive_create_dir_v2", "delete_file_v2",
                "delete_recursively_v2"),
        **_each(_writes(1, "dst"), "rename_v2", "copy_v2"),
    },
    "h5py._hl.files": {"File.__init__": _opens(1, "name", 2)},
    "netCDF4": {"Dataset": _opens(0, "filename", 1)},
    "tables.file": {"File.__init__": _opens(1, "filename", 2)},
    "soundfile": {"SoundFile.__init__": _opens(1, "file", 2)},
    "cv2": {"imwrite": _writes(0, "filename"), "imread": _reads(0, "filename")},
    "rasterio": {"open": _opens(0, "fp", 1)},
    "fiona": {"open": _opens(0, "fp", 1)},
    "pyogrio": {
        "read_dataframe": _reads(0, "path_or_buffer"),
        "write_dataframe": _writes(1, "path"),
    },
    "psycopg": {**_CONNECTS, "Connection.connect": _CONNECTS["connect"]},
    "psycopg2": _CONNECTS,
    "pymysql": _CONNECTS,
    "MySQLdb": _CONNECTS,
    "mysql.connector": _CONNECTS,
    "oracledb": _CONNECTS,
    "grpc": _each(_acts("connection by gRPC"), "insecure_channel", "secure_channel"),
    "ray": _each(_acts("connection to Ray"), "init"),
}  # fmt: skip


class Natives:
    """Lets the entry points of `table` tell `effects` before they do it, from their import on."""

    def __init__(self, effects: Effects, table: dict[str, dict[str, Native]]) -> None:
        self._effects = effects
        self._table = table
        for name in ("_posixsubprocess", "_posixshmem"):
            with suppress(ImportError):  # not on every system
                __import__(name)
        for name in table:
            if name in sys.modules:
                self.hook(sys.modules[name])

    @property
    def modules(self) -> frozenset[str]:
        """The modules that have to be hooked when they have been imported."""
        return frozenset(self._table)

    def hook(self, module: types.ModuleType) -> None:
        """Put the wrappers into a module."""
        for path, native in self._table.get(module.__name__, {}).items():
            *above, name = path.split(".")
            owner: Any = module
            for part in above:
                owner = getattr(owner, part, None)
            plain = owner.__dict__.get(name) if owner is not None else None
            if plain is not None:
                with suppress(TypeError, AttributeError):  # a type of a native library
                    setattr(owner, name, self._telling(plain, native, module.__name__, bool(above)))

    def _telling(self, plain: Any, native: Native, module: str, method: bool) -> Any:
        if isinstance(plain, (classmethod, staticmethod)):
            return type(plain)(self._telling(plain.__func__, native, module, method))
        effects = self._effects
        if isinstance(plain, type):
            return _telling_class(effects, plain, native)

        def told(*args: Any, **options: Any) -> Any:
            _tell(effects, native, args, options)
            return plain(*args, **options)

        with suppress(TypeError, ValueError):
            told.__signature__ = inspect.signature(plain)  # type: ignore[attr-defined]
        functools.update_wrapper(told, plain)
        del told.__wrapped__  # type: ignore[attr-defined]
        if not method:
            told.__module__ = module  # where pickle finds it
        return told


def _telling_class(effects: Effects, plain: type, native: Native) -> type:
    """For a native class, whose own methods can't be replaced."""

    def make(cls: type, *args: Any, **options: Any) -> Any:
        _tell(effects, native, args, options)
        return plain.__new__(cls, *args, **options)

    own = {name: getattr(plain, name) for name in ("__module__", "__qualname__", "__doc__")}
    return type(plain)(plain.__name__, (plain,), {"__new__": make, "__slots__": (), **own})


def _tell(effects: Effects, native: Native, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    if native.at < 0:
        effects.announce(native.what)
        return
    flags = native.flags
    if native.mode is not None:
        place, name, default = native.mode
        mode = _argument(args, options, place, name, default)
        flags = _READ if str(mode or default)[0] == "r" and "+" not in str(mode) else _WRITE
    for path in _paths(_argument(args, options, native.at, native.name, None)):
        if "://" in path and not path.startswith("file://"):
            effects.announce(f"connection {path.split('?')[0]}")
            continue
        local = path.removeprefix("file://")
        with effects.paused():
            found = list(_found(local)) if flags == _READ else [local]
        for each in found:
            effects.announce_file(each, flags)


def _argument(
    args: tuple[Any, ...], options: dict[str, Any], at: int, name: str, default: Any
) -> Any:
    return args[at] if len(args) > at else options.get(name, default)


def _paths(value: Any) -> Iterator[str]:
    """The paths that an argument names; what isn't text is an open file, or data."""
    if isinstance(value, (list, tuple)):
        for item in value[:10_000] if all(isinstance(i, (str, os.PathLike)) for i in value) else ():
            yield from _paths(item)
    elif isinstance(value, (str, os.PathLike)) or (isinstance(value, bytes) and len(value) < 4096):
        with suppress(TypeError, UnicodeDecodeError):
            path = os.fsdecode(value)
            if len(path) < 4096 and "\n" not in path and "\0" not in path:
                yield path


def _found(path: str) -> Iterator[str]:
    """A file; for a folder or a pattern also what is in it."""
    if any(mark in path for mark in "*?["):
        yield os.path.dirname(path) or "."
        for match in sorted(glob.glob(path, recursive=True)):
            yield from _found(match) if match != path else [match]
    elif os.path.isdir(path):
        for folder, _, files in os.walk(path):
            yield folder
            yield from (os.path.join(folder, file) for file in files)
    else:
        yield path
