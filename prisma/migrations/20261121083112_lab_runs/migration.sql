-- CreateTable
CREATE TABLE "LabRun" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "cluster" TEXT NOT NULL,
    "scenario" TEXT,
    "startedAtMs" BIGINT NOT NULL,
    "endedAtMs" BIGINT NOT NULL,
    "passed" BOOLEAN,
    "seconds" INTEGER NOT NULL,
    "goodSeconds" INTEGER NOT NULL,
    "startedBy" TEXT NOT NULL,
    "run" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "LabRun_cluster_startedAtMs_idx" ON "LabRun"("cluster", "startedAtMs");
