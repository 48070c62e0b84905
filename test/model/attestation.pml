/*
 * The protocol of contracts/src in small: three agents behind guards of their own, one verifier a round. A deadline may pass at
 * any moment while somebody is awaited (more than the contracts allow); agents, verifiers and the registry may stay silent at
 * any time; the operator may revoke; the steward makes a key for the set it has seen and submits it later.
 * Variants with a fault, which must fail: -DNO_SET_CHECK, -DNO_REGISTRY_DEADLINE, -DROUND_OUTLIVES_REVOCATION,
 * -DANY_VERIFIER_JUDGES, -DMISSES_FORGIVEN, -DFALL_UNCOUNTED.
 *
 * It also tells what the contracts would: with -DTRACE a simulation prints the events of each step and the state after it, as the numbers
 * of test/model/trace-codes.ts; with -DSCRIPT the verifier takes only steps that tell the numbers of a script, and says
 * which of its traces it could follow to their end.
 */
#define AGENTS 3
#ifndef ROUNDS
#define ROUNDS 4
#endif
#ifndef EPOCHS
#define EPOCHS 3
#endif
#define REGISTRY AGENTS

#ifdef SCRIPT
c_decl {
  static int *script;
  static int starts[100000];
  static int traces;
  /* Numbers, each trace ended by -1, from the file that the environment names. */
  static void readScript(void) {
    FILE *file = fopen(getenv("SCRIPT"), "r");
    int count = 0, room = 1024, each;
    if (!file) { printf("no script\n"); exit(1); }
    script = malloc(room * sizeof(int));
    while (traces < 100000 && fscanf(file, "%d", &each) == 1) {
      if (count == room) script = realloc(script, (room *= 2) * sizeof(int));
      if (count == 0 || script[count - 1] == -1) starts[traces++] = count;
      script[count++] = each;
    }
    fclose(file);
  }
}
int story;
int at;
int said;
bool begun;
bool dead;
#define LIVE (begun && !dead)
inline tell(code) {
  said = code;
  if
  :: !dead && c_expr { script[starts[now.story] + now.at] == now.said } -> at++
  :: else -> dead = true
  fi;
  said = 0
}
#else
#define LIVE true
#ifdef TRACE
inline tell(code) { printf("%d\n", code) }
#else
inline tell(code) { skip }
#endif
#endif

mtype:status = { registered, attested, suspended, revoked };
mtype:phase = { idle, challenged, committed };

mtype:status status[AGENTS] = registered;
mtype:phase phase[AGENTS] = idle;
byte verifier[AGENTS];
/* Who has been awaited and will not speak, until somebody else is. */
bool silent[AGENTS];
bool replaced[AGENTS];
byte misses[AGENTS];
byte rounds;
byte setVersion;
byte epoch;
byte epochSet;
/* The latest epoch whose key was sealed to the agent, and the epoch in force when it was revoked. */
byte holds[AGENTS];
byte revokedIn[AGENTS];
/* A verdict by somebody who may not give it; a return from revocation. */
bool wronglyJudged;
bool returned;
/* Until an agent has passed once, nobody but the registry vouches for it. */
bool passed[AGENTS];

#define STATUS(a) (status[a] == registered -> 0 : (status[a] == attested -> 1 : (status[a] == suspended -> 2 : 3)))
#define PHASE(a) (phase[a] == idle -> 0 : (phase[a] == challenged -> 1 : 2))
#define SEAT(a) (phase[a] == idle -> 0 : verifier[a])
#define AGENT(a) (100000 + misses[a] * 1000 + SEAT(a) * 100 + PHASE(a) * 10 + STATUS(a))

/* The state after a step. */
inline settle() {
#if defined(TRACE) || defined(SCRIPT)
  tell(AGENT(0));
  tell(AGENT(1));
  tell(AGENT(2));
  tell(200000 + setVersion);
  tell(300000 + epoch * 1000 + epochSet);
  tell(400000 + holds[0] * 100 + holds[1] * 10 + holds[2])
#ifdef SCRIPT
  ;
  if
  :: !dead && c_expr { script[starts[now.story] + now.at] == -1 } -> c_code { printf("accepted %d\n", now.story); }; dead = true
  :: else
  fi
#endif
#else
  skip
#endif
}

/*
 * A simulation draws among all that may happen. With deadlines passing and refusals as likely as anything else it would end before agents came to
 * verify one another: there they are the exception, and the operator comes late.
 */
#ifdef TRACE
bool unlucky;
#define drawLuck() if :: unlucky = false :: unlucky = false :: unlucky = false :: unlucky = true fi
#define seldom(step) if :: step :: skip :: skip :: skip :: skip :: skip :: skip :: skip fi
#define operatorsTime (rounds >= ROUNDS - 2)
#else
#define unlucky true
#define drawLuck() skip
#define seldom(step) step
#define operatorsTime true
#endif

inline leave(a, next) {
  if
#ifndef FALL_UNCOUNTED
  :: status[a] == attested -> setVersion++; tell(11000 + setVersion)
#endif
  :: else
  fi;
  status[a] = next
}

inline endRound(a) {
  phase[a] = idle;
  silent[a] = false;
  replaced[a] = false
}

inline throwOut(a) {
#ifndef ROUND_OUTLIVES_REVOCATION
  if
  :: phase[a] != idle -> tell(6000 + a * 100)
  :: else
  fi;
#endif
  tell(7000 + a * 100);
  leave(a, revoked);
  revokedIn[a] = epoch;
#ifndef ROUND_OUTLIVES_REVOCATION
  endRound(a)
#endif
}

#define mayBeDrawn(v, a, but) (v != a && v != but && status[v] == attested)

/* Another agent that is attested, or the registry where there is none: any of them may be drawn. */
inline elect(a, but) {
  if
  :: mayBeDrawn(0, a, but) -> verifier[a] = 0
  :: mayBeDrawn(1, a, but) -> verifier[a] = 1
  :: mayBeDrawn(2, a, but) -> verifier[a] = 2
  :: !mayBeDrawn(0, a, but) && !mayBeDrawn(1, a, but) && !mayBeDrawn(2, a, but) -> verifier[a] = REGISTRY
  fi
}

inline open(a) {
  rounds++;
  phase[a] = challenged;
  silent[a] = false;
  if
  :: !passed[a] -> verifier[a] = REGISTRY
  :: else -> elect(a, REGISTRY)
  fi;
  tell(1000 + a * 100 + verifier[a] * 10);
  settle()
}

inline judge(a) {
  if
  :: verifier[a] != REGISTRY && (verifier[a] == a || status[verifier[a]] != attested) -> wronglyJudged = true
  :: else
  fi;
  drawLuck();
  if
  /* It passes. */
  :: skip;
     if
     :: status[a] == revoked -> returned = true
     :: else
     fi;
     tell(3000 + a * 100 + verifier[a] * 10);
     if
     :: status[a] != attested -> setVersion++; tell(11000 + setVersion)
     :: else
     fi;
     status[a] = attested;
     passed[a] = true;
     misses[a] = 0;
     endRound(a);
     settle()
  /* A lone verifier's refusal: the registry looks again. */
  :: unlucky && verifier[a] != REGISTRY ->
     tell(4000 + a * 100 + verifier[a] * 10);
     tell(5000 + a * 100);
     verifier[a] = REGISTRY;
     replaced[a] = true;
     settle()
  /* The registry's refusal, or an answer that does not open the commitment. */
  :: unlucky ->
     if
     :: verifier[a] == REGISTRY -> tell(4000 + a * 100 + verifier[a] * 10)
     :: else -> tell(14000 + a * 100 + verifier[a] * 10)
     fi;
     throwOut(a);
     settle()
  /* Whoever is awaited stays silent. */
  :: unlucky -> silent[a] = true
  fi
}

inline miss(a) {
#ifndef MISSES_FORGIVEN
  misses[a]++;
#endif
  tell(9000 + a * 100 + a * 10);
  endRound(a);
  if
  :: misses[a] >= 2 -> throwOut(a)
  :: else -> tell(8000 + a * 100); leave(a, suspended)
  fi
}

inline verifierFailed(a, by) {
  tell(9000 + a * 100 + by * 10);
  if
  :: by == REGISTRY ->
#ifndef NO_REGISTRY_DEADLINE
     endRound(a)
#else
     skip
#endif
  :: else ->
     if
     :: status[by] == attested -> tell(8000 + by * 100); leave(by, suspended)
     :: else
     fi;
     silent[a] = false;
     if
     :: replaced[a] -> verifier[a] = REGISTRY
     :: else -> replaced[a] = true; elect(a, by)
     fi;
     if
     :: verifier[a] == REGISTRY -> tell(5000 + a * 100)
     :: else -> tell(10000 + a * 100 + by * 10 + verifier[a])
     fi
  fi
}

inline expire(a) {
  if
  :: phase[a] == challenged -> miss(a)
  :: phase[a] == committed -> by = verifier[a]; verifierFailed(a, by)
  fi;
  settle()
}

#define mayOpen(a) (LIVE && phase[a] == idle && status[a] != revoked && rounds < ROUNDS)
#ifndef ANY_VERIFIER_JUDGES
#define mayJudge(a) (LIVE && phase[a] == committed && !silent[a] && (verifier[a] == REGISTRY || status[verifier[a]] == attested))
#else
#define mayJudge(a) (LIVE && phase[a] == committed && !silent[a])
#endif

active proctype Challenger() {
end:
  do
  :: atomic { mayOpen(0) -> open(0) }
  :: atomic { mayOpen(1) -> open(1) }
  :: atomic { mayOpen(2) -> open(2) }
  od
}

active [AGENTS] proctype Agent() {
end:
  do
  :: atomic { LIVE && phase[_pid - 1] == challenged && !silent[_pid - 1] ->
       drawLuck();
       if
       :: phase[_pid - 1] = committed; tell(2000 + (_pid - 1) * 100); settle()
       :: unlucky -> silent[_pid - 1] = true
       fi }
  od
}

active proctype Judges() {
end:
  do
  :: atomic { mayJudge(0) -> judge(0) }
  :: atomic { mayJudge(1) -> judge(1) }
  :: atomic { mayJudge(2) -> judge(2) }
  od
}

active proctype Anyone() {
  byte by;
end:
  do
  :: atomic { LIVE && phase[0] != idle -> seldom(expire(0)) }
  :: atomic { LIVE && phase[1] != idle -> seldom(expire(1)) }
  :: atomic { LIVE && phase[2] != idle -> seldom(expire(2)) }
  od
}

active proctype Operator() {
  byte victim;
end:
  select(victim : 0 .. 2);
  atomic {
    LIVE && operatorsTime;
    if
    :: status[victim] != revoked -> throwOut(victim); settle()
    :: else
    fi
  }
}

/* Where nobody is attested there is no steward. */
#define someoneAttested (status[0] == attested || status[1] == attested || status[2] == attested)

active proctype Steward() {
  byte seen;
  bool roster[AGENTS];
  byte i;
end:
  do
  :: atomic { LIVE && setVersion != epochSet && epoch < EPOCHS && someoneAttested ->
       seen = setVersion;
       for (i : 0 .. AGENTS - 1) { roster[i] = (status[i] == attested) } }
     atomic {
       LIVE;
       if
#ifndef NO_SET_CHECK
       :: seen != setVersion
       :: seen == setVersion ->
#else
       :: true ->
#endif
          epoch++;
          epochSet = seen;
          tell(12000 + seen);
          for (i : 0 .. AGENTS - 1) {
            if
            :: roster[i] -> tell(13000 + i * 100); holds[i] = epoch
            :: else
            fi
          }
          settle()
       fi }
  od
}

#ifdef SCRIPT
/* The last process: the numbers of the others stay as they are. */
active proctype Start() {
  atomic {
    c_code { if (!script) readScript(); };
    do
    :: c_expr { now.story < traces - 1 } -> story++
    :: break
    od;
    begun = true
  }
}
#endif

#if !defined(TRACE) && !defined(SCRIPT)
ltl everyChallengeEnds {
  [] ((phase[0] != idle) -> <> (phase[0] == idle)) && [] ((phase[1] != idle) -> <> (phase[1] == idle))
  && [] ((phase[2] != idle) -> <> (phase[2] == idle))
}

ltl revokedHoldsNoLaterEpoch {
  [] !(status[0] == revoked && holds[0] > revokedIn[0]) && [] !(status[1] == revoked && holds[1] > revokedIn[1])
  && [] !(status[2] == revoked && holds[2] > revokedIn[2])
}

ltl revokedStaysRevoked { [] !returned }

ltl onlyAttestedPeersJudge { [] !wronglyJudged }
#endif
