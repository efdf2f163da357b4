--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: answers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.answers (
    owner_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    status integer,
    body text,
    etag text
);


--
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_tokens (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    digest text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone
);


--
-- Name: attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempts (
    key text NOT NULL,
    count bigint NOT NULL,
    ends_at timestamp with time zone NOT NULL
);


--
-- Name: identities; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: mail_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mail_tokens (
    digest text NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    address text NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    address text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    attempts bigint NOT NULL,
    due_at timestamp with time zone NOT NULL
);


--
-- Name: owners; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.owners (
    owner_id uuid NOT NULL,
    revision bigint NOT NULL,
    tasks bigint NOT NULL,
    purged_revision bigint DEFAULT 0 NOT NULL
);


--
-- Name: refresh_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refresh_tokens (
    digest text NOT NULL,
    session_id uuid NOT NULL,
    used_at timestamp with time zone
);


--
-- Name: revocations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revocations (
    id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    user_agent text,
    address text
);


--
-- Name: tasks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tasks (
    owner_id uuid NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    description text,
    completed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    revision bigint NOT NULL
);


--
-- Name: tombstones; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tombstones (
    owner_id uuid NOT NULL,
    revision bigint NOT NULL,
    id uuid NOT NULL,
    removed_at timestamp with time zone NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id uuid NOT NULL,
    email text,
    name text NOT NULL,
    password_hash text,
    created_at timestamp with time zone NOT NULL,
    email_verified_at timestamp with time zone
);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.alembic_version (version_num) FROM stdin;
0003
\.


--
-- Data for Name: answers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.answers (owner_id, idempotency_key, fingerprint, created_at, status, body, etag) FROM stdin;
4ac3e257-927c-462a-bc8d-197589bcda9d	a850edca-a315-478d-9991-289a9f5536ef	52aaf004c8c9071534cd8baf293033e54bd7f0e7720e310897e09c4ae4407254	2026-11-25 19:59:00.901401+00	201	{"id":"ea0822d0-69d3-40b3-a259-45d753fdb7c4","title":"Made once","description":null,"is_completed":false,"completed_at":null,"user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:00.900671Z","updated_at":"2026-11-25T19:59:00.900671Z","revision":9}	"9"
4ac3e257-927c-462a-bc8d-197589bcda9d	de28bbe3-0f63-4210-842b-ff0069eb59a7	c55ab58eb8137b28c6215f950007d8d25683660cbd6adb92700d86a143045c5e	2026-11-25 19:59:00.923786+00	200	{"id":"cf624991-6868-427e-8e50-0a36e00c7b94","title":"Call the plumber","description":"Tab\\there\\nand a line","is_completed":true,"completed_at":"2026-11-25T19:59:00.923094Z","user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:00.708187Z","updated_at":"2026-11-25T19:59:00.923094Z","revision":10}	"10"
4ac3e257-927c-462a-bc8d-197589bcda9d	40bc2dbb-e76d-457c-a1eb-01980b2dc135	b21c18f4ece3f6fbbcb9d7831321cdcf60063cb60279e745d6613372e3a63785	2026-11-25 19:59:00.948227+00	200	{"id":"cf624991-6868-427e-8e50-0a36e00c7b94","title":"Call the plumber again","description":"Tab\\there\\nand a line","is_completed":true,"completed_at":"2026-11-25T19:59:00.923094Z","user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:00.708187Z","updated_at":"2026-11-25T19:59:00.945275Z","revision":11}	"11"
4ac3e257-927c-462a-bc8d-197589bcda9d	be0a2ffe-3f02-422e-9e2b-bbb896474cdb	ba37e2110aa600bd23a9cb8707bc125bbbe815e338112bff0097c952932f6462	2026-11-25 19:59:00.976153+00	200	{"id":"cf624991-6868-427e-8e50-0a36e00c7b94","title":"Call the plumber again","description":"Tab\\there\\nand a line","is_completed":false,"completed_at":null,"user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:00.708187Z","updated_at":"2026-11-25T19:59:00.972423Z","revision":12}	"12"
4ac3e257-927c-462a-bc8d-197589bcda9d	60f601a6-2e35-480b-bccf-231e04feddef	fe446993bfe8b7580fd2b24e09c2eb9db15c48ce1f3b4edf39f240bca38d9861	2026-11-25 19:59:01.016704+00	204		\N
4ac3e257-927c-462a-bc8d-197589bcda9d	5568fbdd-4042-4c66-b232-f96234a77763	90795f431ff3b3c7d8b2fcdfc33d4de946c5c1b8882fd3aa35d1bad1706cae96	2026-11-25 19:59:01.038458+00	200	{"results":[{"status":201,"id":"564ce27b-b341-4bb3-9bd0-c4df65a14545","revision":15,"task":{"id":"564ce27b-b341-4bb3-9bd0-c4df65a14545","title":"Made and deleted","description":null,"is_completed":false,"completed_at":null,"user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:01.039020Z","updated_at":"2026-11-25T19:59:01.039020Z","revision":15}},{"status":200,"id":"9ca3b4d7-795b-420a-bd16-5dd4f22900d0","revision":16,"task":{"id":"9ca3b4d7-795b-420a-bd16-5dd4f22900d0","title":"With my own id","description":null,"is_completed":true,"completed_at":"2026-11-25T19:59:01.040097Z","user_id":"4ac3e257-927c-462a-bc8d-197589bcda9d","created_at":"2026-11-25T19:59:01.029916Z","updated_at":"2026-11-25T19:59:01.040097Z","revision":16}},{"status":204,"id":"564ce27b-b341-4bb3-9bd0-c4df65a14545","revision":17,"task":null}]}	\N
567c876b-ad95-408d-b8fd-db4faaf5d7cf	620ba21b-0312-4539-93e6-5fdae9fa1c65	be43d5b14dbc58a960486c3f5bc6663e5a3459da5d767a727de912ef3c9f5fe1	2026-11-25 19:59:02.96003+00	201	{"id":"b6d66e72-55fd-47fe-abda-2c9208ab5efb","title":"It's Bob's","description":null,"is_completed":false,"completed_at":null,"user_id":"567c876b-ad95-408d-b8fd-db4faaf5d7cf","created_at":"2026-11-25T19:59:02.929852Z","updated_at":"2026-11-25T19:59:02.929852Z","revision":1}	"1"
\.


--
-- Data for Name: api_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.api_tokens (id, user_id, name, scopes, digest, created_at, expires_at, last_used_at) FROM stdin;
24de1c92-a4af-46b1-86ec-0671ed0ecb0b	4ac3e257-927c-462a-bc8d-197589bcda9d	reads	tasks:read	be93897e2b668505e5f12c267b4ac10e1332de7963e94cecb9a803a9b7d8f3d6	2026-11-25 19:59:01.284707+00	\N	2026-11-25 19:59:01.428039+00
83f0fac1-b2af-48b5-8af9-295f4532aa1a	4ac3e257-927c-462a-bc8d-197589bcda9d	writes	tasks:write	232bbd669c7153c8746f59262b2300fbb72bd63ab12e5737f564d96ab8f77025	2026-11-25 19:59:01.464404+00	2126-11-01 19:59:01.459453+00	2026-11-25 19:59:01.593196+00
ec646672-1382-468f-afe4-d7518b02fe7d	4ac3e257-927c-462a-bc8d-197589bcda9d	all	account tasks:read tasks:write	9db58dd1e371ede5e8972972b6cefc815df179dfcab40f4158e36675885c9729	2026-11-25 19:59:01.067444+00	\N	2026-11-25 19:59:01.208709+00
\.


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.attempts (key, count, ends_at) FROM stdin;
login f6d97b824c3fdfa1b714180073f73dc134c78c6ac61d5f72b96658eedea10fe7	1	2026-11-25 20:14:02.286419+00
reset ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976	1	2026-11-25 20:59:02.36119+00
\.


--
-- Data for Name: identities; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.identities (issuer, subject, user_id, created_at) FROM stdin;
https://hs.example	ann of the issuer	6a168ef3-b5ea-43ef-ac45-625f336f82d3	2026-11-25 19:59:03.595975+00
\.


--
-- Data for Name: mail_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.mail_tokens (digest, kind, user_id, address, expires_at) FROM stdin;
fe1905b7d5b47247f8a84a85d5e32b8d560887d76d63dd66d3457571c072edc8	verify	4ac3e257-927c-462a-bc8d-197589bcda9d	alice@example.com	2026-11-26 19:59:00.684516+00
834077b91f84c97834b33b1d3775af469aa6a5c10879ec9fa41f6b35cf327c42	reset	4ac3e257-927c-462a-bc8d-197589bcda9d	alice@example.com	2026-11-25 20:59:02.384299+00
d5f6df04095b3c29c1380490a739655d47c20477a1ae74908a854d9c5d8d17c2	verify	567c876b-ad95-408d-b8fd-db4faaf5d7cf	bob@example.com	2026-11-26 19:59:02.900225+00
ea9e935b1d3550129d6b307a9d963379a940adadef74206834d0e418d4e698ab	verify	9175403b-8fc7-4c23-8483-76f8eae98b93	dora@example.com	2026-11-26 19:59:17.592428+00
\.


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.outbox (id, kind, user_id, address, created_at, attempts, due_at) FROM stdin;
2f650a58-9780-46ba-9670-06d348ca8002	verify	9175403b-8fc7-4c23-8483-76f8eae98b93	dora@example.com	2026-11-25 19:59:17.437507+00	1	2026-11-25 19:59:47.500641+00
\.


--
-- Data for Name: owners; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.owners (owner_id, revision, tasks, purged_revision) FROM stdin;
4ac3e257-927c-462a-bc8d-197589bcda9d	17	5	0
567c876b-ad95-408d-b8fd-db4faaf5d7cf	1	1	0
6a168ef3-b5ea-43ef-ac45-625f336f82d3	1	1	0
9175403b-8fc7-4c23-8483-76f8eae98b93	0	0	0
\.


--
-- Data for Name: refresh_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.refresh_tokens (digest, session_id, used_at) FROM stdin;
cbf9597d3c3685790589836c0fc81d72dcbe2e25e4f25521f126e2e6ada3409b	a88fd06f-15d4-4086-9246-6d2449090e69	2026-11-25 19:59:02.144453+00
32133441eda39d611ab7238d34c8f6a0f4ce6df801ce3815a45496dfa11d3894	a88fd06f-15d4-4086-9246-6d2449090e69	2026-11-25 19:59:02.212605+00
87cc26aba6b062485ee1bb63354b9529cf517b1bb011bfae5f0088469a466892	a88fd06f-15d4-4086-9246-6d2449090e69	2026-11-25 19:59:02.247117+00
bb90ae88a3a1eaece928962ec7b44f0f5ca2e6cc0dac3b65b9c6066b9c427472	a88fd06f-15d4-4086-9246-6d2449090e69	\N
beb0ba7cfcb10b6d6b0cb42550bf819a3185b68d2a8694be35864bd58666336e	d723ca28-6801-456a-9945-fe3ab05517c2	\N
59525f65b4e1ed0b1f024c508bed0b7aeadf271bcfa124d7c25b56a53fcf8f9b	52abba9b-c88a-4c65-b32b-634cfc0c1582	\N
\.


--
-- Data for Name: revocations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.revocations (id, expires_at) FROM stdin;
c852d07f-397e-44fe-96db-ed923c72cd15	2026-11-25 19:59:31.868708+00
825243bf-025d-45e5-aa28-3529022b98ac	2026-11-25 20:29:12.108998+00
78d6c15c-0314-40d1-9a8f-78ffaeba0d54	2026-11-25 20:29:13.380289+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, address) FROM stdin;
a88fd06f-15d4-4086-9246-6d2449090e69	4ac3e257-927c-462a-bc8d-197589bcda9d	2026-11-25 19:59:00.603286+00	2026-11-25 19:59:02.247117+00	2026-12-09 19:59:02.247117+00	python-httpx/0.28.1	127.0.0.1
d723ca28-6801-456a-9945-fe3ab05517c2	567c876b-ad95-408d-b8fd-db4faaf5d7cf	2026-11-25 19:59:02.881865+00	2026-11-25 19:59:02.881865+00	2026-12-09 19:59:02.881865+00	python-httpx/0.28.1	127.0.0.1
52abba9b-c88a-4c65-b32b-634cfc0c1582	9175403b-8fc7-4c23-8483-76f8eae98b93	2026-11-25 19:59:17.449384+00	2026-11-25 19:59:17.449384+00	2026-12-09 19:59:17.449384+00	python-httpx/0.28.1	127.0.0.1
\.


--
-- Data for Name: tasks; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.tasks (owner_id, sequence, id, title, description, completed_at, created_at, updated_at, revision) FROM stdin;
4ac3e257-927c-462a-bc8d-197589bcda9d	1	fe8e8d6d-f52d-43c2-a0aa-7d39a96b759f	Buy oat milk	Two litres	2026-11-25 19:59:00.796499+00	2026-11-25 19:59:00.635774+00	2026-11-25 19:59:00.796499+00	6
4ac3e257-927c-462a-bc8d-197589bcda9d	2	9a483513-ee59-4546-903b-90076990579a	לקנות 🥛	Today	\N	2026-11-25 19:59:00.675539+00	2026-11-25 19:59:00.873167+00	8
4ac3e257-927c-462a-bc8d-197589bcda9d	9	ea0822d0-69d3-40b3-a259-45d753fdb7c4	Made once	\N	\N	2026-11-25 19:59:00.900671+00	2026-11-25 19:59:00.900671+00	9
4ac3e257-927c-462a-bc8d-197589bcda9d	3	cf624991-6868-427e-8e50-0a36e00c7b94	Call the plumber again	Tab\there\nand a line	\N	2026-11-25 19:59:00.708187+00	2026-11-25 19:59:00.972423+00	12
4ac3e257-927c-462a-bc8d-197589bcda9d	14	9ca3b4d7-795b-420a-bd16-5dd4f22900d0	With my own id	\N	2026-11-25 19:59:01.040097+00	2026-11-25 19:59:01.029916+00	2026-11-25 19:59:01.040097+00	16
567c876b-ad95-408d-b8fd-db4faaf5d7cf	1	b6d66e72-55fd-47fe-abda-2c9208ab5efb	It's Bob's	\N	\N	2026-11-25 19:59:02.929852+00	2026-11-25 19:59:02.929852+00	1
6a168ef3-b5ea-43ef-ac45-625f336f82d3	1	9cfcf58f-0693-4f5e-b0c5-28275194f7c5	Ann's	\N	\N	2026-11-25 19:59:03.608408+00	2026-11-25 19:59:03.608408+00	1
\.


--
-- Data for Name: tombstones; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.tombstones (owner_id, revision, id, removed_at) FROM stdin;
4ac3e257-927c-462a-bc8d-197589bcda9d	7	eb097026-34c3-4c81-9de3-f947b2c224e5	2026-11-25 19:59:00.816338+00
4ac3e257-927c-462a-bc8d-197589bcda9d	13	f62ad283-6822-4403-be29-b7200d186b53	2026-11-25 19:59:01.016384+00
4ac3e257-927c-462a-bc8d-197589bcda9d	17	564ce27b-b341-4bb3-9bd0-c4df65a14545	2026-11-25 19:59:01.04082+00
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (id, email, name, password_hash, created_at, email_verified_at) FROM stdin;
4ac3e257-927c-462a-bc8d-197589bcda9d	alice@example.com	Alice	$argon2id$v=19$m=19456,t=2,p=1$oNuVPyRhOtzatNSh3DdmNw$qZxHWoexvb28kQtwrJwESUbOP5VejaasfNFsZseAJ5Y	2026-11-25 19:59:00.588702+00	\N
567c876b-ad95-408d-b8fd-db4faaf5d7cf	bob@example.com	Bob	$argon2id$v=19$m=19456,t=2,p=1$vyOpB7qJVSCmkAyR0Uh1Kg$Jeriy3vquCPOpEBwdAEVAixAbdHZw6jPS+iGA310yi8	2026-11-25 19:59:02.88015+00	\N
6a168ef3-b5ea-43ef-ac45-625f336f82d3	\N	ann of the issuer	\N	2026-11-25 19:59:03.595975+00	\N
9175403b-8fc7-4c23-8483-76f8eae98b93	dora@example.com	Dora	$argon2id$v=19$m=19456,t=2,p=1$kLJnT39OInhWu+4yqWv/vA$5T48bhlhc0dR5vLLfwMFGjgEgwe8PG5iHe4VIlCgEYA	2026-11-25 19:59:17.415435+00	\N
\.


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: answers pk_answers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT pk_answers PRIMARY KEY (owner_id, idempotency_key);


--
-- Name: api_tokens pk_api_tokens; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT pk_api_tokens PRIMARY KEY (id);


--
-- Name: attempts pk_attempts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT pk_attempts PRIMARY KEY (key);


--
-- Name: identities pk_identities; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT pk_identities PRIMARY KEY (issuer, subject);


--
-- Name: mail_tokens pk_mail_tokens; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail_tokens
    ADD CONSTRAINT pk_mail_tokens PRIMARY KEY (digest);


--
-- Name: outbox pk_outbox; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT pk_outbox PRIMARY KEY (id);


--
-- Name: owners pk_owners; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.owners
    ADD CONSTRAINT pk_owners PRIMARY KEY (owner_id);


--
-- Name: refresh_tokens pk_refresh_tokens; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT pk_refresh_tokens PRIMARY KEY (digest);


--
-- Name: revocations pk_revocations; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revocations
    ADD CONSTRAINT pk_revocations PRIMARY KEY (id);


--
-- Name: sessions pk_sessions; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);


--
-- Name: tasks pk_tasks; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT pk_tasks PRIMARY KEY (owner_id, sequence);


--
-- Name: tombstones pk_tombstones; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tombstones
    ADD CONSTRAINT pk_tombstones PRIMARY KEY (owner_id, revision);


--
-- Name: users pk_users; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);


--
-- Name: api_tokens uq_api_tokens_digest; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT uq_api_tokens_digest UNIQUE (digest);


--
-- Name: tasks uq_tasks_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT uq_tasks_id UNIQUE (id);


--
-- Name: users uq_users_email; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);


--
-- Name: ix_answers_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_answers_created_at ON public.answers USING btree (created_at);


--
-- Name: ix_api_tokens_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_tokens_user_id ON public.api_tokens USING btree (user_id);


--
-- Name: ix_attempts_ends_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempts_ends_at ON public.attempts USING btree (ends_at);


--
-- Name: ix_identities_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_identities_user_id ON public.identities USING btree (user_id);


--
-- Name: ix_mail_tokens_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_mail_tokens_expires_at ON public.mail_tokens USING btree (expires_at);


--
-- Name: ix_mail_tokens_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_mail_tokens_user_id ON public.mail_tokens USING btree (user_id);


--
-- Name: ix_outbox_due_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_outbox_due_at ON public.outbox USING btree (due_at);


--
-- Name: ix_outbox_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_outbox_user_id ON public.outbox USING btree (user_id);


--
-- Name: ix_refresh_tokens_session_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_refresh_tokens_session_id ON public.refresh_tokens USING btree (session_id);


--
-- Name: ix_sessions_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_expires_at ON public.sessions USING btree (expires_at);


--
-- Name: ix_sessions_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_user_id ON public.sessions USING btree (user_id);


--
-- Name: ix_tasks_owner_id_revision; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_tasks_owner_id_revision ON public.tasks USING btree (owner_id, revision);


--
-- Name: ix_tombstones_owner_id_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_tombstones_owner_id_id ON public.tombstones USING btree (owner_id, id);


--
-- Name: ix_tombstones_removed_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tombstones_removed_at ON public.tombstones USING btree (removed_at);


--
-- Name: answers fk_answers_owner_id_owners; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT fk_answers_owner_id_owners FOREIGN KEY (owner_id) REFERENCES public.owners(owner_id) ON DELETE CASCADE;


--
-- Name: api_tokens fk_api_tokens_user_id_users; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT fk_api_tokens_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: identities fk_identities_user_id_users; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT fk_identities_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: mail_tokens fk_mail_tokens_user_id_users; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail_tokens
    ADD CONSTRAINT fk_mail_tokens_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: outbox fk_outbox_user_id_users; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT fk_outbox_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: refresh_tokens fk_refresh_tokens_session_id_sessions; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT fk_refresh_tokens_session_id_sessions FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;


--
-- Name: sessions fk_sessions_user_id_users; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: tasks fk_tasks_owner_id_owners; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT fk_tasks_owner_id_owners FOREIGN KEY (owner_id) REFERENCES public.owners(owner_id) ON DELETE CASCADE;


--
-- Name: tombstones fk_tombstones_owner_id_owners; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tombstones
    ADD CONSTRAINT fk_tombstones_owner_id_owners FOREIGN KEY (owner_id) REFERENCES public.owners(owner_id) ON DELETE CASCADE;


--
-- Name: users fk_users_id_owners; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT fk_users_id_owners FOREIGN KEY (id) REFERENCES public.owners(owner_id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


