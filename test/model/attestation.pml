/*
 * The protocol of contracts/src in small: three agents behind guards of their own, one verifier a round. A deadline may pass at
 * any moment while somebody is awaited (more than the contracts allow); agents, verifiers and the registry may stay silent at
 * any time; the operator may revoke; the steward makes a key for the set it has seen and submits it later.
 * Variants with a fault, which must fail: -DNO_SET_CHECK, -DNO_REGISTRY_DEADLINE, -DROUND_OUTLIVES_REVOCATION,
 * -DANY_VERIFIER_JUDGES.
 */
#define AGENTS 3
#define ROUNDS 4
#define EPOCHS 3
#define REGISTRY AGENTS

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

inline leave(a, next) {
  if
  :: status[a] == attested -> setVersion++
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
  :: status[a] == registered -> verifier[a] = REGISTRY
  :: else -> elect(a, REGISTRY)
  fi
}

inline judge(a) {
  if
  :: verifier[a] != REGISTRY && (verifier[a] == a || status[verifier[a]] != attested) -> wronglyJudged = true
  :: else
  fi;
  if
  /* It passes. */
  :: skip;
     if
     :: status[a] == revoked -> returned = true
     :: else
     fi;
     if
     :: status[a] != attested -> setVersion++
     :: else
     fi;
     status[a] = attested;
     misses[a] = 0;
     endRound(a)
  /* A lone verifier's refusal: the registry looks again. */
  :: verifier[a] != REGISTRY -> verifier[a] = REGISTRY; replaced[a] = true
  /* The registry's refusal, or an answer that does not open the commitment. */
  :: skip; throwOut(a)
  /* Whoever is awaited stays silent. */
  :: silent[a] = true
  fi
}

inline miss(a) {
  misses[a]++;
  endRound(a);
  if
  :: misses[a] >= 2 -> throwOut(a)
  :: else -> leave(a, suspended)
  fi
}

inline verifierFailed(a, by) {
  if
  :: by == REGISTRY ->
#ifndef NO_REGISTRY_DEADLINE
     endRound(a)
#else
     skip
#endif
  :: else ->
     if
     :: status[by] == attested -> leave(by, suspended)
     :: else
     fi;
     silent[a] = false;
     if
     :: replaced[a] -> verifier[a] = REGISTRY
     :: else -> replaced[a] = true; elect(a, by)
     fi
  fi
}

inline expire(a) {
  if
  :: phase[a] == challenged -> miss(a)
  :: phase[a] == committed -> verifierFailed(a, verifier[a])
  fi
}

#define mayOpen(a) (phase[a] == idle && status[a] != revoked && rounds < ROUNDS)
#ifndef ANY_VERIFIER_JUDGES
#define mayJudge(a) (phase[a] == committed && !silent[a] && (verifier[a] == REGISTRY || status[verifier[a]] == attested))
#else
#define mayJudge(a) (phase[a] == committed && !silent[a])
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
  :: atomic { phase[_pid - 1] == challenged && !silent[_pid - 1] ->
       if
       :: phase[_pid - 1] = committed
       :: silent[_pid - 1] = true
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
end:
  do
  :: atomic { phase[0] != idle -> expire(0) }
  :: atomic { phase[1] != idle -> expire(1) }
  :: atomic { phase[2] != idle -> expire(2) }
  od
}

active proctype Operator() {
  byte victim;
end:
  select(victim : 0 .. 2);
  atomic {
    if
    :: status[victim] != revoked -> throwOut(victim)
    :: else
    fi
  }
}

active proctype Steward() {
  byte seen;
  bool roster[AGENTS];
  byte i;
end:
  do
  :: atomic { setVersion != epochSet && epoch < EPOCHS ->
       seen = setVersion;
       for (i : 0 .. AGENTS - 1) { roster[i] = (status[i] == attested) } }
     atomic {
       if
#ifndef NO_SET_CHECK
       :: seen != setVersion
       :: seen == setVersion ->
#else
       :: true ->
#endif
          epoch++;
          epochSet = seen;
          for (i : 0 .. AGENTS - 1) {
            if
            :: roster[i] -> holds[i] = epoch
            :: else
            fi
          }
       fi }
  od
}

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
