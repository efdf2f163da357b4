"""The usual FastAPI backend for tasks, in the plain form in which tutorials write it.

An async session of SQLModel for each request, the user looked up by the token's subject through nested dependencies,
`response_model` on every route, PyJWT, pwdlib, and a count query for the total. The tables have the index that the list
needs. It is started by uvicorn with its defaults.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pwdlib import PasswordHash
from sqlalchemy import DateTime, Index, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

SECRET_KEY = os.environ["SECRET_KEY"]
ALGORITHM = "HS256"
ACCESS_TOKEN_EXPIRE_MINUTES = 30

engine = create_async_engine(os.environ["DATABASE_URL"])
password_hash = PasswordHash.recommended()
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="login")


def now() -> datetime:
    return datetime.now(UTC)


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    hashed_password: str
    is_active: bool = True


class UserCreate(SQLModel):
    email: str
    password: str = Field(min_length=8)


class UserPublic(SQLModel):
    id: int
    email: str


class TaskBase(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2000)


class Task(TaskBase, table=True):
    __table_args__ = (Index("ix_task_owner_id_created_at", "owner_id", "created_at"),)

    id: int | None = Field(default=None, primary_key=True)
    is_completed: bool = False
    owner_id: int = Field(foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))


class TaskCreate(TaskBase):
    pass


class TaskUpdate(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2000)
    is_completed: bool | None = None


class TaskPublic(TaskBase):
    id: int
    is_completed: bool
    owner_id: int
    created_at: datetime
    updated_at: datetime


class TasksPublic(SQLModel):
    data: list[TaskPublic]
    count: int


class Token(SQLModel):
    access_token: str
    token_type: str


# The benchmark also measures other settings than SQLite's own, such as synchronous=NORMAL.
@event.listens_for(engine.sync_engine, "connect")
def set_pragmas(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in os.environ.get("SQLITE_PRAGMAS", "").split():
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def get_current_user(session: SessionDep, token: Annotated[str, Depends(oauth2_scheme)]) -> User:
    credentials_exception = HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
        user_id = int(payload["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise credentials_exception from None
    user = await session.get(User, user_id)
    if user is None:
        raise credentials_exception
    return user


async def get_current_active_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    if not user.is_active:
        raise HTTPException(400, "Inactive user")
    return user


CurrentUser = Annotated[User, Depends(get_current_active_user)]


async def get_own_task(session: SessionDep, current_user: CurrentUser, task_id: int) -> Task:
    task = await session.get(Task, task_id)
    if task is None:
        raise HTTPException(404, "Task not found")
    if task.owner_id != current_user.id:
        raise HTTPException(403, "Not enough permissions")
    return task


OwnTask = Annotated[Task, Depends(get_own_task)]


@app.post("/signup", response_model=UserPublic, status_code=201)
async def sign_up(session: SessionDep, new: UserCreate) -> User:
    user = User(email=new.email, hashed_password=password_hash.hash(new.password))
    session.add(user)
    await session.commit()
    await session.refresh(user)
    return user


@app.post("/login", response_model=Token)
async def log_in(session: SessionDep, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    user = (await session.exec(select(User).where(User.email == form.username))).first()
    if user is None or not password_hash.verify(form.password, user.hashed_password):
        raise HTTPException(401, "Incorrect username or password", {"WWW-Authenticate": "Bearer"})
    expires_at = now() + timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES)
    token = jwt.encode({"sub": str(user.id), "exp": expires_at}, SECRET_KEY, algorithm=ALGORITHM)
    return Token(access_token=token, token_type="bearer")


@app.post("/tasks", response_model=TaskPublic, status_code=201)
async def create_task(session: SessionDep, current_user: CurrentUser, new: TaskCreate) -> Task:
    task = Task.model_validate(new, update={"owner_id": current_user.id})
    session.add(task)
    await session.commit()
    await session.refresh(task)
    return task


@app.get("/tasks", response_model=TasksPublic)
async def list_tasks(
    session: SessionDep,
    current_user: CurrentUser,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Any:
    own = Task.owner_id == current_user.id
    count = (await session.exec(select(func.count()).select_from(Task).where(own))).one()
    page = select(Task).where(own).order_by(col(Task.created_at).desc()).offset(offset).limit(limit)
    return {"data": (await session.exec(page)).all(), "count": count}


@app.get("/tasks/{task_id}", response_model=TaskPublic)
async def get_task(task: OwnTask) -> Task:
    return task


@app.patch("/tasks/{task_id}", response_model=TaskPublic)
async def update_task(session: SessionDep, task: OwnTask, changes: TaskUpdate) -> Task:
    task.sqlmodel_update(changes.model_dump(exclude_unset=True), update={"updated_at": now()})
    session.add(task)
    await session.commit()
    await session.refresh(task)
    return task


@app.delete("/tasks/{task_id}", status_code=204)
async def delete_task(session: SessionDep, task: OwnTask) -> None:
    await session.delete(task)
    await session.commit()
